//! In English.

use super::{Account, Door, Find, Refusals, Texts};

pub(super) static EN: Texts = Texts {
    skip: "Skip to the content",
    menu: "Your account",
    home: "Home",
    sessions: "Your sessions",
    sign_in: "Sign in",
    sign_out: "Sign out",
    go_on: "Continue",
    back: "Back to the start",
    problem: "This did not work",
    find: Find {
        heading: "Sign in",
        label: "Work e-mail address, or the short name of your organisation",
        hint: "For example ann@example.com or acme. The short name stands in the invitation that you \
               received; the administrators of your organisation know it too.",
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
        rules: &[(
            "staff-by-sso",
            "The operator’s staff sign in by SSO, never by a password. Choose your organisation’s \
             account.",
        )],
    },
};
