// Package server is the relay's HTTP edge: routes, who may ask what, and how answers look. What is behind an answer is
// handed in by main through the interfaces in this package.
//
// Every error is JSON, {"error":"a sentence"}, with "field" where one member of the request is to blame. Bodies are bounded
// before they are read. The access log has method and path, never a query, a body, an address or a visitor's id.
package server
