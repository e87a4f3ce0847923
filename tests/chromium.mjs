// Headless Chromium, told by tests what to do.
//
// It prints `{"url": …}` when it listens, and ends with its standard input. `POST /` takes one act as JSON,
// `{"act": …, "as": id, …}`, and answers `{"done": …}` or `{"failed": …}` with what stood on the page.
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const modules = process.env.TEST_NODE_MODULES;
const { chromium } = await import(pathToFileURL(join(modules, 'playwright-core/index.mjs')));
const axe = readFileSync(join(modules, 'axe-core/axe.min.js'), 'utf8');

const PATIENCE = 15_000;
const pages = [];
const browser = await chromium.launch({
  executablePath: process.env.TEST_CHROMIUM,
  args: [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
    '--disable-background-networking', '--disable-component-update',
  ],
});

const acts = {
  // A browser of its own, with cookies of its own; its id.
  async begin(_page, { language, scripts }) {
    const context = await browser.newContext({ locale: language, javaScriptEnabled: scripts });
    context.setDefaultTimeout(PATIENCE);
    return pages.push(await context.newPage()) - 1;
  },
  async end(page) { await page.context().close(); },
  async open(page, { url }) {
    const answer = await page.goto(url);
    return { ...(await told(page)), status: answer?.status() ?? 0 };
  },
  async fill(page, { label, value }) { await page.getByLabel(label, { exact: true }).fill(value); },
  async press(page, { name }) {
    const named = { name, exact: true };
    await page.getByRole('button', named).or(page.getByRole('link', named)).first().click();
  },
  async submit(page, { action, fields }) {
    const form = page.locator(`form[action="${action}"]`);
    for (const [name, value] of Object.entries(fields)) {
      await form.locator(`[name="${name}"]`).fill(value);
    }
    await Promise.all([page.waitForNavigation(), form.locator('button').click()]);
  },
  async sees(page, { heading }) {
    await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
    return told(page);
  },
  async read(page) { return told(page); },
  async reads(page, { words }) { await page.getByText(words).waitFor(); },
  async key(page, { key }) {
    await page.keyboard.press(key);
    return page.evaluate(() => {
      const it = document.activeElement;
      const style = getComputedStyle(it);
      return {
        name: it.id || it.textContent.trim(),
        outline: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth),
        top: it.getBoundingClientRect().top,
      };
    });
  },
  // A device with passkeys, that has its owner's fingerprint.
  async device(page) {
    const session = await page.context().newCDPSession(page);
    await session.send('WebAuthn.enable');
    await session.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
        isUserVerified: true, automaticPresenceSimulation: true,
      },
    });
  },
  // Takes the place of what a browser holds of a site.
  async cookies(page, { cookies }) {
    await page.context().clearCookies();
    await page.context().addCookies(cookies);
  },
  async shot(page, { file, width, dark }) {
    await dress(page, width, dark);
    await page.screenshot({ path: file, fullPage: true });
    return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  },
  // What is not accessible, by the rules of WCAG 2.2 AA and good practice.
  async axe(page, { width, dark }) {
    await dress(page, width, dark);
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run());
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary}`));
  },
};

async function dress(page, width, dark) {
  await page.setViewportSize({ width, height: 900 });
  await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' });
}

async function told(page) {
  return {
    url: page.url(),
    lang: await page.locator('html').getAttribute('lang'),
    text: await page.locator('main').first().innerText(),
  };
}

const server = createServer(async (request, response) => {
  let text = '';
  for await (const chunk of request) text += chunk;
  const { act, as, ...more } = JSON.parse(text);
  const page = pages[as];
  try {
    response.end(JSON.stringify({ done: (await acts[act](page, more)) ?? null }));
  } catch (error) {
    const body = await page?.locator('body').innerText({ timeout: 1000 }).catch(() => '');
    response.end(JSON.stringify({ failed: `${text}: ${error.message}\non ${page?.url()}:\n${body}` }));
  }
});
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}` }));
});
process.stdin.resume().on('end', () => browser.close().finally(() => process.exit(0)));
