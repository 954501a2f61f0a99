/**
 * Whether a key that for-in finds is the object's own, and so are all before it; those behind it may be inherited. Called in a for-in, of its very object
 * and key, the compiler knows the answer without a call, whatever the object's shape.
 */
export const { hasOwnProperty } = Object.prototype;
