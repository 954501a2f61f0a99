// Package audience decides whether a user belongs to an audience: condition trees compiled to flat programs, evaluated in
// three-valued logic.
//
// A Compiler turns the conditions of audiences, and the lists of audiences that experiments have, into Programs, once per
// datafile; it numbers the attribute keys they mention (slots), so evaluation looks nothing up by name. A Program is immutable,
// and Eval allocates nothing.
//
// The rules are those of the official JavaScript SDK 6.6.1, quirks included: a list that begins with neither an operator nor text
// loses its first element, an operator's name further on in a list is a condition nobody can evaluate, `not` looks at its first
// operand only.
package audience
