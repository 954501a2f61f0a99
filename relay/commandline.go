package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// errEmpty is what is wrong with a setting that is given and empty, which mostly is a variable that a script never set.
var errEmpty = errors.New("it is empty; leave it out for its default")

// wantValues says which flag has no value: nothing behind it, what begins with a dash and so could be another flag, or an empty
// text. Kong would repeat what stands there, which may be a secret, and take the empty one.
func wantValues(app *kong.Application, args []string) error {
	for i, arg := range args {
		if arg == "--" {
			return nil
		}
		name, value, equals := strings.Cut(arg, "=")
		flag := valueFlag(app, name)
		if flag == nil {
			continue
		}
		if rest := args[i+1:]; !equals {
			if len(rest) == 0 || len(rest[0]) > 1 && rest[0][0] == '-' {
				return &settingError{setting: flag.Name, err: fmt.Errorf("it wants %[2]s behind it; one that begins with a dash needs an equals sign: --%[1]s=%[2]s",
					flag.Name, flag.PlaceHolder)}
			}
			value = rest[0]
		}
		if value == "" {
			return &settingError{setting: flag.Name, err: errEmpty}
		}
	}
	return nil
}

// valueFlag returns the flag of a name, with its dashes, if it takes a value.
func valueFlag(app *kong.Application, name string) *kong.Flag {
	bare, dashes := strings.CutPrefix(name, "--")
	flags := allFlags(app)
	i := slices.IndexFunc(flags, func(f *kong.Flag) bool {
		return dashes && !f.IsBool() && (f.Name == bare || slices.Contains(f.Aliases, bare))
	})
	if i < 0 {
		return nil
	}
	return flags[i]
}
