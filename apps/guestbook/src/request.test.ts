import { expect, test } from "vitest";
import { checkOrigin, visitorOf } from "./request.ts";

test.for([
  ["203.0.113.7", "203.0.113.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:DB8:0001:0002::1", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["2001:db8:1::", "2001:db8:1:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["::", "0:0:0:0::/64"],
] as const)("the visitor at %s is %s", ([address, visitor]) => {
  expect(visitorOf(new Request("https://a.example/", { headers: { "cf-connecting-ip": address } }))).toBe(visitor);
});

test("visitors without an address take turns together", () => {
  expect(visitorOf(new Request("https://a.example/"))).toBe("unknown");
});

test("an origin that is no URL is another one", () => {
  const request = { url: "https://a.example/", headers: new Headers({ origin: "nonsense" }) } as Request;
  expect(() => checkOrigin(request)).toThrow("another site");
});

test("a request that no browser made has no origin, and passes", () => {
  expect(() => checkOrigin(new Request("https://a.example/"))).not.toThrow();
});
