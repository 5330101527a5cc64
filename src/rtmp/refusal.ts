/** What servers write where they refuse who we are: nginx-rtmp and some services only hang up. */
const codes = /\.(?:Unauthori[sz]ed|Denied|Forbidden|BadAuth\w*|AuthFailed|AuthenticationFailed)$/i;
const words =
  /\bauthmod=|\bcode=40[13]\b|\b40[13] (?:unauthori[sz]ed|forbidden)\b|\b(?:un|not )authori[sz]ed\b|\bauth(?:entication|ori[sz]ation) (?:failed|required|error)\b|\baccess(?: is)? denied\b|\bpermission denied\b|\bforbidden\b|\b(?:invalid|wrong|unknown|bad) (?:stream ?key|token|credentials|user(?:name)?|password)\b/i;

/**
 * Whether a refusal, by the code and the description of its status, is about who we are: then the same credentials are of no use the next
 * time either. A refusal that may have another reason, such as `NetStream.Publish.BadName` for a name that is taken, is none.
 */
export const isAccessRefusal = ({ code, description }: { code: string; description: string }): boolean =>
  codes.test(code) || words.test(description);
