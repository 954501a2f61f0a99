package main

import (
	"fmt"
	"slices"

	"github.com/alecthomas/kong"
)

// wantValues says which flag has no value behind it: nothing at all, or what begins with a dash and so could be another flag.
// Kong would repeat what stands there, which may be a secret.
func wantValues(app *kong.Application, args []string) error {
	for i, arg := range args {
		if arg == "--" {
			return nil
		}
		rest := args[i+1:]
		if flag := valueFlag(app, arg); flag != nil && (len(rest) == 0 || len(rest[0]) > 1 && rest[0][0] == '-') {
			return &settingError{setting: flag.Name, err: fmt.Errorf("it wants %[2]s behind it; one that begins with a dash needs an equals sign: --%[1]s=%[2]s",
				flag.Name, flag.PlaceHolder)}
		}
	}
	return nil
}

// valueFlag returns the flag that an argument names, if the next argument is to be its value.
func valueFlag(app *kong.Application, arg string) *kong.Flag {
	flags := allFlags(app)
	i := slices.IndexFunc(flags, func(f *kong.Flag) bool { return "--"+f.Name == arg && !f.IsBool() })
	if i < 0 {
		return nil
	}
	return flags[i]
}
