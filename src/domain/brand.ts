declare const name: unique symbol;

/** A value of type T that only its maker can make. */
export type Brand<T, Name extends string> = T & { readonly [name]: Name };
