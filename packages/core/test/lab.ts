// The tests' side of the lab: a peer of a test's own, and what it saw.

import { inject } from "vitest";
import type { Kind } from "./peers/kinds.ts";
import type { Seen } from "./peers/lab.ts";

export class Subject {
  readonly port: number;
  #id: number;

  constructor(id: number, port: number) {
    this.#id = id;
    this.port = port;
  }

  /** What the peer saw so far, or once `until` is true (see peers/lab.ts). */
  seen(until?: "accepted" | "closed" | "stalled"): Promise<Seen> {
    return ask(`/seen?id=${this.#id}${until === undefined ? "" : `&until=${until}`}`);
  }
}

/** A fresh peer. */
export async function peer(kind: Kind): Promise<Subject> {
  const { id, port } = await ask<{ id: number; port: number }>(`/open?kind=${kind}`);
  return new Subject(id, port);
}

async function ask<T>(path: string): Promise<T> {
  const response = await fetch(`http://localhost:${inject("peers").lab}${path}`);
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as T;
}
