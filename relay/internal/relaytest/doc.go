// Package relaytest holds the outside world for the relay's tests: an event
// API and a datafile CDN that can be told to misbehave, a websocket subscriber
// that records what it is sent, and Must helpers that fail the test for the
// caller.
//
// Nothing in here sleeps. Every Wait method returns as soon as what it waits
// for is there, and fails the test when that takes longer than Patience.
package relaytest
