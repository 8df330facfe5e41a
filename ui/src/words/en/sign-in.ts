export const signIn = {
  title: "Sign in",
  name: "Name",
  password: "Password",
  submit: "Sign in",
  needName: "Your name, as the admin gave it.",
  needPassword: "Your password.",
  promise: "Parties compute together, and none sees another’s rows.",
  linkNote:
    "First time here? Open the one-time link that was printed at the first start, or that an admin gave you.",
  tokenNote:
    "Programs sign in with API tokens instead: make one under Settings, Tokens, and use it with sfw or client.py.",
  byLink: "Signing you in by the one-time link…",
  linkFailed: "The one-time link did not work",
  ended: "Your session has ended",
  endedNote: "Sign in again; the page stays as you left it.",
  choose: {
    title: "Choose a password",
    note: "Welcome, {{name}}. The link that you came by works only once. With a password you can sign in again.",
    current: "Present password",
    password: "New password",
    repeat: "The same again",
    tooShort: "At least {{count}} characters.",
    differs: "The two are not the same.",
    later: "Not now",
    submit: "Set password",
    done: "The password is set.",
  },
};
