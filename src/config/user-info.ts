/** Of a URL; a password may contain any character. */
const USER_INFO = /\/\/[^\s"]*@/g;

/** Returns a message without the user info of the URLs that it quotes. */
export function withoutUserInfo(message: string): string {
  return message.replace(USER_INFO, '//');
}
