/** What a good password is, the server decides; two that differ are not worth a request. */
export function differ(password: string, again: string): boolean {
  return again !== '' && password !== again;
}
