import { common } from "@/words/en/common";

/** One file per page, merged here. */
export const en = { common };

/** The catalogue's form: the same keys, any texts. */
export type Texts<T> = { readonly [K in keyof T]: T[K] extends string ? string : Texts<T[K]> };
