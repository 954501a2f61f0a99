package script

import "strings"

// Own are names of members that are nobody's business but the SDK's own: neither of applications, nor of what its first file imports later,
// nor of the engine and the relay. So they are written as short as names of variables, in that file and in those that the pages are made of.
var Own = strings.Fields(`
	allVariables areWhole asyncProfiles attributesOf blank byFlag byRevision clientCore closeOnce concern configFor configManager
	configUnless convertEvent decideExperiment decideFor eventType facts featureCalls flagKeys forcible handOver instance isAwaited
	isEnabled isHeard isOfContext keysFor lastShown lookUp lookUpSync makeCore missOdp notifyConversion notifyDecision notifyDispatch
	odpOptions onReplaced onUpdate optimizelyConfig outcomes profiles remembersNothing renew reopen reporter reportFailure reread
	sendActivation sendImpression startParts stopLeaving tryCall typedVariable untilClosed untilRunning userOf variationById
`)

// OwnMembers is the pattern of Own that esbuild takes.
func OwnMembers() string { return `^(` + strings.Join(Own, "|") + `)$` }
