// The certified `oidc-provider`, on this machine, as tests want it.
//
// It prints `{"url": …}` when it listens, and ends with its standard input. `POST /control` sets it up
// and changes it, with any of:
//   client       id, secret, redirect_uri, backchannel, post_logout: makes a new provider
//   acr, amr     what it says of a sign-in
//   honours_acr  whether it asks for a second step where that is wanted, and says so; else it says `acr`
//                whatever is wanted, as it does if whoever set it up forgot about that
// Whoever signs in writes the subject they are.
import { createServer } from 'node:http';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

// It warns that its memory ends with it, which is what tests want.
console.warn = console.info = () => {};
const library = join(process.env.TEST_NODE_MODULES, 'oidc-provider/lib/index.js');
const { default: Provider } = await import(pathToFileURL(library));

const ONE = 'urn:test:1fa';
const TWO = 'urn:test:2fa';
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = { ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig', kid: 'rsa' };

let how = { acr: ONE, amr: [], honours_acr: false };
let provider;
let url;

// Each connection has a redirect URI of its own; those of earlier ones stay.
const redirects = new Set();

function configuration(client) {
  return {
    clients: [{
      client_id: client.id,
      client_secret: client.secret,
      redirect_uris: [...redirects.add(client.redirect_uri)],
      post_logout_redirect_uris: [client.post_logout],
      backchannel_logout_uri: client.backchannel,
      backchannel_logout_session_required: true,
    }],
    jwks: { keys: [key] },
    cookies: { keys: [randomBytes(24).toString('base64url')] },
    acrValues: [ONE, TWO],
    claims: { openid: ['sub', 'acr', 'amr', 'sid', 'auth_time'] },
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false },
      claimsParameter: { enabled: true },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true, logoutSource, postLogoutSuccessSource },
    },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: async () => ({ sub }) }),
    loadExistingGrant,
    ttl: { AccessToken: 600, IdToken: 600, Interaction: 600, Session: 3600, Grant: 3600 },
    // It calls no addresses of private networks. The one of our back channel is on this machine.
    fetch: (to, { dispatcher, ...options }) =>
      fetch(to, String(to) === client.backchannel ? options : { dispatcher, ...options }),
    renderError(ctx, out) { ctx.type = 'json'; ctx.body = out; },
  };
}

// Consent is never asked for: whatever the client wants is granted.
async function loadExistingGrant(ctx) {
  const { client, session, provider: it, params } = ctx.oidc;
  const grant = new it.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope(params.scope);
  await grant.save();
  return grant;
}

function logoutSource(ctx, form) {
  ctx.body = page('Sign out at the provider', `${form}
    <button type="submit" form="op.logoutForm" name="logout" value="yes">Sign out there</button>`);
}

function postLogoutSuccessSource(ctx) { ctx.body = page('Signed out at the provider', ''); }

const page = (heading, body) => `<!doctype html><html lang="en"><head><meta charset="utf-8">
  <title>${heading}</title></head><body><main><h1>${heading}</h1>${body}</main></body></html>`;

// Which `acr` is wanted for certain, if any.
function wanted(params) {
  const claims = params.claims ? JSON.parse(params.claims) : {};
  return claims.id_token?.acr?.values?.[0] ?? params.acr_values?.split(' ')[0];
}

async function ask(request, response) {
  const { params, session } = await provider.interactionDetails(request, response);
  const second = how.honours_acr && wanted(params) === TWO;
  const who = session?.accountId ?? params.login_hint ?? '';
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.end(page(second ? 'Provider: second step' : 'Provider: sign in', `<form method="post">
    <label>Subject <input name="sub" value="${who}"></label>
    ${second ? '<label>Code <input name="code"></label>' : ''}
    <button type="submit">Sign in there</button></form>`));
}

async function answer(request, response) {
  const { params } = await provider.interactionDetails(request, response);
  const form = new URLSearchParams(await body(request));
  const stepped = how.honours_acr && wanted(params) === TWO && form.get('code');
  const login = { accountId: form.get('sub'), remember: true };
  login.acr = stepped ? TWO : how.acr;
  login.amr = stepped ? ['pwd', 'otp', 'mfa'] : how.amr;
  if (!login.amr.length) delete login.amr;
  await provider.interactionFinished(request, response, { login });
}

async function control(request, response) {
  const { client, ...more } = JSON.parse(await body(request));
  how = { ...how, ...more };
  if (client) {
    provider = new Provider(url, configuration(client));
    for (const event of ['server_error', 'backchannel.error', 'grant.error']) {
      provider.on(event, (_ctx, error) => console.error(event, error.message, error.cause ?? ''));
    }
  }
  response.end('{}');
}

async function body(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

async function serve(request, response) {
  if (request.url === '/control') return control(request, response);
  if (!request.url.startsWith('/interaction/')) return provider.callback()(request, response);
  return request.method === 'GET' ? ask(request, response) : answer(request, response);
}

const server = createServer((request, response) => {
  serve(request, response).catch((error) => {
    response.statusCode = 500;
    response.end(String(error.stack));
  });
});
server.listen(0, '127.0.0.1', () => {
  url = `http://127.0.0.1:${server.address().port}`;
  console.log(JSON.stringify({ url }));
});
process.stdin.resume().on('end', () => process.exit(0));
