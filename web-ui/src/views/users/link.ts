/** The whole address of an invitation, whether the server gives its token, its hash route or all of it. */
export function inviteLink(invite: string, here: string): string {
  if (/^https?:\/\//.test(invite)) return invite;
  const base = here.replace(/#.*$/s, '');
  const route = invite.replace(/^\/?#/, '');
  return route.startsWith('/') ? `${base}#${route}` : `${base}#/invite/${encodeURIComponent(route)}`;
}
