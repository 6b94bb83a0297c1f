import { expect, test } from "vitest";
import { parseOptions } from "./options.ts";
import type { SmtpOptions } from "./options.ts";

// The forms in which providers print their settings.
test.each<[who: string, url: string, hostname: string, port: number, tls: string, username: string, password: string]>([
  [
    "Gmail",
    "smtps://me%40gmail.com:abcd%20efgh@smtp.gmail.com:465",
    "smtp.gmail.com",
    465,
    "on",
    "me@gmail.com",
    "abcd efgh",
  ],
  [
    "Gmail, an @ as it is",
    "smtps://me@gmail.com:secret@smtp.gmail.com",
    "smtp.gmail.com",
    465,
    "on",
    "me@gmail.com",
    "secret",
  ],
  [
    "Gmail, STARTTLS",
    "smtp://me%40gmail.com:secret@smtp.gmail.com:587",
    "smtp.gmail.com",
    587,
    "starttls",
    "me@gmail.com",
    "secret",
  ],
  [
    "SES",
    "smtps://AKIAEXAMPLE:BAb%2Fcd%2Be%3D@email-smtp.eu-west-1.amazonaws.com:465",
    "email-smtp.eu-west-1.amazonaws.com",
    465,
    "on",
    "AKIAEXAMPLE",
    "BAb/cd+e=",
  ],
  [
    "SES, a plus as it is",
    "smtp://AKIAEXAMPLE:BAb+e=@email-smtp.eu-west-1.amazonaws.com:2587",
    "email-smtp.eu-west-1.amazonaws.com",
    2587,
    "starttls",
    "AKIAEXAMPLE",
    "BAb+e=",
  ],
  ["Resend", "smtps://resend:re_123_abc@smtp.resend.com:2465", "smtp.resend.com", 2465, "on", "resend", "re_123_abc"],
  [
    "Postmark",
    "smtp://token:token@smtp.postmarkapp.com:2525",
    "smtp.postmarkapp.com",
    2525,
    "starttls",
    "token",
    "token",
  ],
  [
    "Cloudflare",
    "smtps://api_token:abc@smtp.mx.cloudflare.net",
    "smtp.mx.cloudflare.net",
    465,
    "on",
    "api_token",
    "abc",
  ],
  [
    "SES, STARTTLS",
    "smtp://AKIAEXAMPLE:secret@email-smtp.us-east-1.amazonaws.com:587",
    "email-smtp.us-east-1.amazonaws.com",
    587,
    "starttls",
    "AKIAEXAMPLE",
    "secret",
  ],
  [
    "Microsoft 365",
    "smtp://me%40contoso.example:secret@smtp.office365.com:587",
    "smtp.office365.com",
    587,
    "starttls",
    "me@contoso.example",
    "secret",
  ],
  [
    "Resend, STARTTLS",
    "smtp://resend:re_123_abc@smtp.resend.com:2587",
    "smtp.resend.com",
    2587,
    "starttls",
    "resend",
    "re_123_abc",
  ],
  [
    "Mailgun",
    "smtp://postmaster%40mg.example.com:key-1@smtp.mailgun.org:587",
    "smtp.mailgun.org",
    587,
    "starttls",
    "postmaster@mg.example.com",
    "key-1",
  ],
  [
    "Mailgun, EU",
    "smtps://postmaster@mg.example.com:key-1@smtp.eu.mailgun.org:465",
    "smtp.eu.mailgun.org",
    465,
    "on",
    "postmaster@mg.example.com",
    "key-1",
  ],
  [
    "SendGrid",
    "smtp://apikey:SG.abc-d_e.fg@smtp.sendgrid.net:587",
    "smtp.sendgrid.net",
    587,
    "starttls",
    "apikey",
    "SG.abc-d_e.fg",
  ],
  [
    "Outlook.com",
    "smtp://me%40outlook.com:pw@smtp-mail.outlook.com:587",
    "smtp-mail.outlook.com",
    587,
    "starttls",
    "me@outlook.com",
    "pw",
  ],
  [
    "Brevo",
    "smtp://me%40a.example:xsmtpsib-1@smtp-relay.brevo.com:587",
    "smtp-relay.brevo.com",
    587,
    "starttls",
    "me@a.example",
    "xsmtpsib-1",
  ],
  [
    "Fastmail",
    "smtps://me%40fastmail.com:pw@smtp.fastmail.com:465",
    "smtp.fastmail.com",
    465,
    "on",
    "me@fastmail.com",
    "pw",
  ],
  [
    "iCloud",
    "smtp://me%40icloud.com:abcd-efgh@smtp.mail.me.com:587",
    "smtp.mail.me.com",
    587,
    "starttls",
    "me@icloud.com",
    "abcd-efgh",
  ],
  ["an IPv6 address", "smtp://u:p@[2001:db8::1]:2587/", "2001:db8::1", 2587, "starttls", "u", "p"],
])("%s", (_who, url, hostname, port, tls, username, password) => {
  for (const given of [url, new URL(url), { url }]) {
    expect(parseOptions(given)).toMatchObject({
      address: { hostname, port },
      tls,
      credentials: { username, password },
    });
  }
});

test("STARTTLS is the default, with and without a login; anything less is said by name", () => {
  expect(parseOptions("smtp://mx.example")).toMatchObject({
    tls: "starttls",
    credentials: undefined,
    address: { port: 587 },
  });
  expect(parseOptions({ hostname: "mx.example" })).toMatchObject({ tls: "starttls", address: { port: 587 } });
  expect(parseOptions("smtp://mx.example:1025?tls=off")).toMatchObject({ tls: "off" });
  expect(parseOptions("smtp://mx.example?tls=prefer&name=worker.example")).toMatchObject({
    tls: "prefer",
    name: "worker.example",
  });
  expect(parseOptions("smtp://mx.example:4650?tls=on")).toMatchObject({ tls: "on" });
});

test("options go before the URL", () => {
  const options = {
    url: "smtp://u:p@mx.example",
    port: 465,
    tls: "on",
    password: "q",
    name: undefined,
  } as unknown as SmtpOptions;
  expect(parseOptions(options)).toMatchObject({
    tls: "on",
    address: { hostname: "mx.example", port: 465 },
    credentials: { username: "u", password: "q" },
  });
});

test.each<[why: string, input: unknown, message: RegExp]>([
  ["465 with STARTTLS", "smtp://mx.example:465", /465 speaks TLS from the first byte.*smtps:\/\//],
  ["2465 with tls=off", "smtp://mx.example:2465?tls=off", /first byte/],
  ["587 with smtps", "smtps://u:p@mx.example:587", /587 starts in the clear.*smtp:\/\//],
  ["25 with tls on", { hostname: "mx.example", port: 25, tls: "on" }, /25 starts in the clear/],
  ["smtps with tls=starttls", "smtps://mx.example?tls=starttls", /write smtp:\/\//],
  ["another scheme", "https://mx.example", /must start with smtp/],
  ["LMTP without a port", "lmtp://mx.example", /port/],
  ["no scheme", "mx.example:587", /must start with|cannot be read/],
  ["an unknown parameter", "smtp://mx.example?secure=true", /"secure".*tls and name/],
  ["a path", "smtp://mx.example/inbox", /nothing may follow/],
  ["a raw slash in the password", "smtps://AKIA:12/secret@mx.example", /%2F/],
  ["a raw slash after letters", "smtps://AKIA:ab/secret@mx.example", /%2F/],
  ["a raw # in the password", "smtps://u:12#secret@mx.example", /percent-encoded/],
  ["a raw % in the password", "smtps://u:100%secret@mx.example", /%25/],
  ["a user without password", "smtps://u@mx.example", /password or an accessToken/],
  ["a password without user", { hostname: "mx.example", password: "secret" }, /username/],
  [
    "a password and a token",
    { hostname: "mx.example", username: "u", password: "secret", accessToken: "t" },
    /not both/,
  ],
  ["a token that is none", { hostname: "mx.example", username: "u", accessToken: 5 }, /accessToken/],
  ["a control in the user name", "smtps://u%01x:secret@mx.example", /control/],
  ["a mechanism that is not known", { hostname: "mx.example", authMethod: "NTLM" }, /authMethod.*PLAIN/],
  ["NUL in the password", "smtps://u:a%00secret@mx.example", /NUL/],
  ["no host", {}, /hostname/],
  ["a bad host", { hostname: "mx.example\r\nX" }, /hostname/],
  ["a bad port", { hostname: "mx.example", port: 0 }, /port/],
  ["a tls mode that is none", { hostname: "mx.example", tls: "STARTTLS" }, /tls must be one of/],
  ["a name with CRLF", { hostname: "mx.example", name: "legit.host\r\nMAIL FROM:<a@b.example>" }, /name must be/],
  ["a rate of 0", { hostname: "mx.example", rateLimit: 0 }, /rateLimit/],
  ["a rate that is no number", { hostname: "mx.example", rateLimit: "5" }, /rateLimit/],
  ["a rate in no time", { hostname: "mx.example", rateLimit: 5, rateDelta: 0 }, /rateDelta/],
  ["a timeout of 0", { hostname: "mx.example", connectTimeout: 0 }, /connectTimeout/],
  ["an option that is not known", { hostname: "mx.example", auth: { user: "u", pass: "secret" } }, /no option "auth"/],
  ["nothing", undefined, /URL or options/],
])("refuses %s, and says why without the password", (_why, input, message) => {
  let thrown: unknown;
  try {
    parseOptions(input as never);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(TypeError);
  expect((thrown as TypeError).message).toMatch(message);
  expect((thrown as TypeError).message).not.toContain("secret");
});

test("what is behind a ? that a password may hold is not told", () => {
  const attempt = (): unknown => parseOptions("smtp://user:12?secret@mx.example");
  expect(attempt).toThrow(/@ behind a \?/);
  expect(attempt).not.toThrow(/secret/);
});
