/** A value that was checked once, at the border; inside the program its type says so. */
export type Brand<T, Name extends string> = T & { readonly __brand: Name };
