/** Signing in, the first owner, an invitation. */
export const entry = {
  signIn: 'Sign in',
  name: 'Name',
  password: 'Password',
  repeat: 'Password again',
  passwordHint: 'At least 8 characters. A few words in a row are easy to keep and hard to guess.',
  differ: 'The two passwords differ.',
  setupTitle: 'Welcome to Goldleaf',
  setupText: 'You are the first one here. Choose a name and a password: you become the owner, and can invite the others afterwards.',
  setupButton: 'Create the owner',
  setupDone: 'This server has its owner already. Sign in, or ask the owner for an invitation.',
  setupNeeded: 'This server has no owner yet. Open the one-time link that it printed when it started, in the terminal or its log.',
  inviteTitle: 'You have been invited',
  inviteText: 'Choose a password for your account. The link works once.',
  inviteButton: 'Set the password and sign in',
  forgotten: 'Forgotten your password? An administrator can send you a new link.',
};
