import { networksSetting, textsSetting } from "./list-setting.ts";
import { addressSetting, type Setting, type Settings, switchSetting, textSetting } from "./setting.ts";

type HttpSettings<Name extends string> = Readonly<
  Record<`${Name}Address` | `${Name}ServerKey` | `${Name}ServerCert`, Setting<string>> &
    Record<`${Name}Encryption` | Name, Setting<boolean>> &
    Record<`${Name}AllowOrigins` | `${Name}TrustedProxies`, Setting<readonly string[]>>
>;

/** The keys that every server of HTTP has, under the name of that one. */
export const httpSettings = <const Name extends string>(
  name: Name,
  { what, address, isOn = false }: { what: string; address: string; isOn?: boolean },
): HttpSettings<Name> => {
  const settings: Settings = {
    [name]: switchSetting(`serve ${what}`, isOn),
    [`${name}Address`]: addressSetting(`where ${what} is served`, address, { allowsUnix: true }),
    [`${name}Encryption`]: switchSetting("serve it over HTTPS"),
    [`${name}ServerKey`]: textSetting("private key for that, PEM", "server.key", { type: "file" }),
    [`${name}ServerCert`]: textSetting("certificate for that, PEM", "server.crt", { type: "file" }),
    [`${name}AllowOrigins`]: textsSetting("origins of web pages that may use it; `*` for all", {
      fallback: ["*"],
    }),
    [`${name}TrustedProxies`]: networksSetting("proxies whose `X-Forwarded-For` is believed"),
  };
  return settings as HttpSettings<Name>;
};
