// Package datasource keeps the newest datafile of each project. It knows where the datafile comes from and whether the engine can
// read it, and keeps a copy on disk for the day its source is down.
//
// Every project has one goroutine, so its source is asked by one request at a time: whatever wakes it during a fetch (a
// webhook, a changed file, the poll) becomes one more fetch afterwards. A datafile is parsed by the engine before it
// counts; one that does not parse never replaces one that did, and is remembered as the project's problem until its source
// is well again. A datafile is new when its bytes differ, whatever its revision says.
//
// The last datafiles stay on disk, so that an operator can go back to one: until the source has a newer one (a rollback) or
// for as long as it takes (a pin).
package datasource
