//! In English.

use super::{Account, Door, Find, Refusals, Texts};

pub(super) static EN: Texts = Texts {
    skip: "Skip to the content",
    menu: "Your account",
    home: "Home",
    sessions: "Your sessions",
    factors: "Second factors",
    sign_in: "Sign in",
    sign_out: "Sign out",
    go_on: "Continue",
    back: "Back to the start",
    problem: "This did not work",
    find: Find {
        heading: "Sign in",
        label: "Work e-mail address, or the short name of your organisation",
        hint: "For example ann@example.com or acme. The short name stands in the address of your own sign-in page; \
               the administrators of your account know it too.",
        unusable: "That is neither an e-mail address nor a short name. Write an address such as \
                   ann@example.com, or a short name of letters, digits and hyphens.",
    },
    door: Door {
        heading: "Sign in",
        organisation: "Organisation:",
        other: "Choose another organisation",
        sso_heading: "With the account of your organisation",
        sso: "Continue with",
        password_heading: "With a password",
        user_name: "E-mail address or user name",
        password: "Password",
        forgot: "Forgotten your password?",
    },
    account: Account {
        user_name: "User name",
        organisation: "Organisation",
        way: "Signed in by",
        by_sso: "your organisation’s account (SSO)",
        by_password: "password",
        second_factor: "Second factor shown",
        no_second_factor: "not in this session",
        administrators: "To ask for rights",
        no_administrator: "nobody administers this account yet",
        sessions_intro: "Each is a browser in which you are signed in. End those that you do not know.",
        this_browser: "this browser",
        unknown_browser: "Unknown browser",
        address: "Address",
        unknown_address: "unknown",
        began: "Began",
        last_used: "Last used",
        ends: "Ends at the latest",
        revoke: "End this session",
        revoke_others: "End all other sessions",
        revoked: "The session has ended.",
        revoked_others: "All other sessions have ended.",
        not_found: "That session had ended already, or is not yours.",
        signed_out: "You are signed out",
        signed_out_here: "Your session in this browser has ended.",
        signed_out_there: "Go on to sign out of your organisation’s account too",
        sign_in_again: "Sign in again",
    },
    refusals: Refusals {
        nowhere: (
            "There is no such page",
            "The address is not right, or what it led to has gone. Check it, or begin at the start.",
        ),
        denied: (
            "You may not do this",
            "A rule forbids it. If you need it, ask an administrator of your organisation.",
        ),
        not_signed_in: (
            "You could not be signed in",
            "There is no active user for you here, or the sign-in was not completed. Try again; if it \
             stays so, ask an administrator of your organisation whether you were given access.",
        ),
        invalid: (
            "This could not be read",
            "Something that was sent is missing or is not as it should be. Go back and try again.",
        ),
        conflict: (
            "This has changed meanwhile",
            "Somebody, perhaps you in another window, was faster. Go back, load the page again and look.",
        ),
        too_large: ("This is too large", "Send less at once."),
        busy: ("The server is busy", "Wait a few seconds, then try again."),
        too_many: ("Too many tries", "Wait a few minutes, then try again."),
        internal: (
            "Something went wrong on our side",
            "It has been noted. Try again later; if it stays so, tell your administrator.",
        ),
        wrong_method: (
            "This address cannot be opened like this",
            "It is meant for a button of one of our pages. Begin at the start.",
        ),
        foreign: (
            "This request did not come from our pages",
            "For your safety nothing was done. Open this site yourself and try again; if it stays so, \
             bring your browser up to date.",
        ),
        rules: &[
            (
                "no-sealing-key",
                "This server has no key to keep secrets with. This server’s operator sets `secrets.keys`.",
            ),
            (
                "staff-by-sso",
                "The operator’s staff sign in by SSO, never by a password. Choose your organisation’s \
             account.",
            ),
            (
                "sso-not-begun-here",
                "This sign-in was not begun in this browser, is finished already, or took longer than ten minutes. Start again.",
            ),
            (
                "sso-refused-by-provider",
                "Your organisation’s sign-in did not let you through. Start again, or ask your IT department.",
            ),
            (
                "sso-unproven",
                "Your organisation’s sign-in sent an answer that does not prove who you are. Start again; if it happens again, tell your IT department.",
            ),
            (
                "sso-unreachable",
                "Your organisation’s sign-in does not answer at the moment. Try again in a minute.",
            ),
            (
                "sso-not-provisioned",
                "Your organisation knows you, but has not given you access here yet. Ask your IT department to assign you this application.",
            ),
            (
                "sso-inactive",
                "Your access here has been switched off. Ask your IT department to switch it on again.",
            ),
            (
                "sso-ambiguous",
                "More than one user here could be you, so none was signed in. Ask your IT department to give each user an identifier of their own.",
            ),
            (
                "sso-linked-to-another",
                "The user who could be you signs in as somebody else already. Ask an administrator to have the user unlinked.",
            ),
        ],
    },
};
