//go:build wasip1

package main

import (
	"unsafe"

	"sortition/wasm/engine/bucketing"
	"sortition/wasm/engine/decision"
	"sortition/wasm/engine/delta"
	"sortition/wasm/engine/view"
)

// The exports of the engine's module, as public/sdk/engine/exports.js describes them in the same order: functions over integers,
// their other arguments in the frame (frame.go). An answer below zero is failed (-1), a panic that Go recovered from, or what
// the function says of it. An answer that is a length has its bytes where the frame's first word then points.

// failed is what an export answers when it panicked.
const failed = -1

// below gives the numbers from -2 downwards to n from 0 upwards.
func below(n int) int32 { return int32(-2 - n) }

//go:wasmexport reserve
func reserve(size int32) int32 {
	if int(size) > len(frame) {
		frame = make([]byte, size)
	}
	return address(frame)
}

//go:wasmexport users
func users(size int32) int32 {
	if size <= 0 { // which is what 2^31 and 2^32 bytes are here, and beyond none the host would write over everything else
		panic("a user too long for any ring")
	}
	if int(size) > len(ring) {
		garbage += len(ring)
		ring = make([]byte, size)
	}
	return address(ring)
}

//go:wasmexport open
func open() (answer int32) {
	answer = failed
	defer recovered()
	// Everything parsed points into the text, so the project keeps the frame it came in, which saves a copy of it.
	text := frameText()
	frame = make([]byte, frameSize)
	p, err := newProject(text)
	if err != nil {
		leave(garbageOfDatafile * len(text))
		return below(int(give([]byte(err.Error()))))
	}
	return keep(p)
}

//go:wasmexport close
func closeProject(project int32) (answer int32) {
	answer = failed
	defer recovered()
	garbage += garbageOfDatafile * len(projects[project].data.Text)
	projects[project] = nil
	if garbage > tooMuch {
		leave(0)
	}
	return 0
}

//go:wasmexport collect
func collect() (answer int32) {
	answer = failed
	defer recovered()
	leave(0)
	return 0
}

//go:wasmexport describe
func describe(project int32) (answer int32) {
	answer = failed
	defer recovered()
	p := projects[project]
	return give(p.data.AppendFacts(make([]byte, 0, pageSize)))
}

//go:wasmexport rules
func rules(project int32) (answer int32) {
	answer = failed
	defer recovered()
	p := projects[project]
	// They are read once. With room from the start none of it has to be copied, which would leave as much as they are behind.
	return give(p.data.AppendRules(make([]byte, 0, len(p.data.Text)/4)))
}

//go:wasmexport config
func config(project int32) (answer int32) {
	answer = failed
	defer recovered()
	leave(0) // so that what was left before gives it room
	answered := view.ConfigAnswer(projects[project].data)
	garbage += garbageOfConfig * len(answered)
	return give(answered)
}

//go:wasmexport entity
func entity(project, rule, variation int32) (answer int32) {
	answer = failed
	defer recovered()
	leave(garbageOfQuestion)
	data := projects[project].data
	switch {
	case rule != decision.None:
		return give(view.Rule(data, data.Rules[rule]))
	case variation != decision.None:
		return give(view.Variation(data, data.Variations[variation]))
	}
	return give([]byte("null"))
}

//go:wasmexport envelope
func envelope(project int32) (answer int32) {
	answer = failed
	defer recovered()
	return give(projects[project].engine.AppendEnvelope(nil, frameClient()))
}

//go:wasmexport answers
func answers(project int32) (answer int32) {
	answer = failed
	defer recovered()
	return int32(uintptr(unsafe.Pointer(&projects[project].answers[0])))
}

//go:wasmexport special
func special(project int32) (answer int32) {
	answer = failed
	defer recovered()
	projects[project].readSpecial(frameText())
	return 0
}

//go:wasmexport unasked
func unasked(project, experiment int32) (answer int32) {
	answer = 0 // every attribute may be asked about
	defer recovered()
	asked := projects[project].experiment(experiment).Audience.Walk.Asked()
	if asked>>30 != 0 {
		asked |= 3 << 30 // V8 has integers of 31 bits at hand, and others elsewhere
	}
	return int32(^asked)
}

//go:wasmexport getVariation
func getVariation(project, experiment, options, user int32) int32 {
	if p := plainly(project, options); p != nil && uint(experiment) < uint(len(p.data.Experiments)) && (user == asBefore || p.readUser(user)) {
		user = asBefore
		if variation, ok := decision.PlainExperiment(p.data.Experiments[experiment], &p.user); ok {
			return variation
		}
	}
	return getAnyVariation(project, experiment, options, user)
}

// getAnyVariation is getVariation for any project, experiment and user.
func getAnyVariation(project, experiment, options, user int32) (answer int32) {
	answer = failed
	defer recovered()
	p := projects[project]
	p.prepare(options, user)
	return decision.VariationIndex(decision.Experiment(p.data, p.experiment(experiment), &p.user))
}

//go:wasmexport getVariations
func getVariations(project, experiment, user int32) (answer int32) {
	answer = failed
	defer recovered()
	p := projects[project]
	p.prepare(0, user)
	row := decision.NewRow(p.experiment(experiment), &p.user)
	answers := int32s(frameTexts, int32At(frame, frameLength))
	at := frameTexts + 4*len(answers)
	for i, length := range answers {
		p.user.ID = textAt(frame, at, int(length))
		at += int(length)
		if !p.isRebucketed {
			p.user.Bucketing = bucketing.NewPrefix(p.user.ID)
		}
		answers[i] = decision.VariationIndex(row.Experiment(&p.user)) // which the length has made room for
	}
	p.user.ID = "" // the frame will not keep it
	return 0
}

//go:wasmexport decide
func decide(project, flag, options, user int32) int32 {
	if p := plainly(project, options); p != nil && uint(flag) < uint(len(p.data.Rows)) && (user == asBefore || p.readUser(user)) {
		user = asBefore
		if rule, variation, source, ok := decision.Plain(p.data, int(flag), &p.user); ok {
			p.answers[0].Set(rule, variation, source)
			return 0
		}
	}
	return decideAny(project, flag, options, user)
}

// decideAny is decide for any project, flag and user.
func decideAny(project, flag, options, user int32) (answer int32) {
	answer = failed
	defer recovered()
	p := projects[project]
	flags := p.data.Flags
	if flag != decision.None {
		flags = flags[flag : flag+1]
	}
	p.prepare(options, user)
	decision.Answers(p.data, flags, &p.user, p.answers)
	return 0
}

//go:wasmexport reasons
func reasons(project int32) (answer int32) {
	answer = failed
	defer recovered()
	p := projects[project]
	p.steps = p.reasons.AppendNumbers(p.steps[:0])
	return give(bytesOf(p.steps))
}

//go:wasmexport sentence
func sentence(project, number int32) (answer int32) {
	answer = failed
	defer recovered()
	out = projects[project].reasons.AppendParts(out[:0], int(number))
	return give(out)
}

//go:wasmexport steps
func steps(project int32) (answer int32) {
	answer = failed
	defer recovered()
	p := projects[project]
	p.steps = p.reasons.AppendSteps(p.steps[:0])
	return give(bytesOf(p.steps))
}

//go:wasmexport truth
func truth(project, isList int32) (answer int32) {
	answer = failed
	defer recovered()
	leave(garbageOfQuestion)
	p := projects[project]
	met, err := p.data.Truth(frameText(), isList != 0, &p.user.User)
	if err != nil {
		return failed
	}
	return int32(met) + 1
}

//go:wasmexport remembered
func remembered(project int32) (answer int32) {
	answer = failed
	defer recovered()
	p := projects[project]
	if len(p.profile.Changes) == 0 {
		return 0
	}
	out = p.profile.AppendChanges(out[:0], p.data)
	return give(out)
}

//go:wasmexport outcome
func outcome(project, flag, rule, variation int32) (answer int32) {
	answer = failed
	defer recovered()
	p := projects[project]
	d := p.decision(flag, rule, variation, 0)
	out = p.engine.AppendOutcome(out[:0], &d)
	return give(out)
}

//go:wasmexport attributes
func attributes(project int32) (answer int32) {
	answer = failed
	defer recovered()
	out = projects[project].engine.AppendEntityIDs(out[:0])
	return give(out)
}

//go:wasmexport impression
func impression(project, flag, rule, variation, source int32) (answer int32) {
	answer = failed
	defer recovered()
	p := projects[project]
	shown := p.shown(flag, rule, variation, source)
	out = p.engine.AppendBlankImpression(out[:0], &shown)
	return give(out)
}

//go:wasmexport conversion
func conversion(project, tracked int32) (answer int32) {
	answer = failed
	defer recovered()
	e := projects[project].engine
	out = e.AppendBlankConversion(out[:0], e.Project().Events[tracked])
	return give(out)
}

//go:wasmexport patch
func patch(project int32) (answer int32) {
	answer = failed
	defer recovered()
	newer, ok := delta.Apply(projects[project].data.Text, frameText())
	if !ok {
		return failed
	}
	return give(newer)
}

// out is where answers are written.
var out []byte

// give points the frame's first word to an answer's bytes and returns their number. Most exports call it once: inlined it would be
// there many times.
//
//go:noinline
func give(b []byte) int32 {
	*(*int32)(unsafe.Pointer(&frame[0])) = address(b)
	return int32(len(b))
}

func address(b []byte) int32 { return int32(uintptr(unsafe.Pointer(unsafe.SliceData(b)))) }

// bytesOf is the memory of integers.
func bytesOf(n []int32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(n))), 4*len(n))
}

// recovered ends a panic of the export that defers it, which then answers what it had set before: failed.
func recovered() { _ = recover() }
