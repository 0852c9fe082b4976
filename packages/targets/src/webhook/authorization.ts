/** What is sent as `Authorization`: a token as it is where it has two words, else as a bearer's. */
export const authorizationOf = (token: string): string => (token.includes(' ') ? token : `Bearer ${token}`)
