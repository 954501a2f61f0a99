package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// sources remembers of settings that were not given as flags where they came from, by their names.
type sources map[string]string

// settingError is a setting that is wrong. It never holds the value of a secret.
type settingError struct {
	setting string // as a flag, without the dashes
	source  string // "" for the command line
	err     error
}

func (e *settingError) Error() string {
	if e.source == "" {
		return fmt.Sprintf("--%s: %v", e.setting, e.err)
	}
	return fmt.Sprintf("--%s (%s): %v", e.setting, e.source, e.err)
}

func (e *settingError) Unwrap() error { return e.err }

// blame makes an error of a setting that tells where the setting came from.
func (s sources) blame(setting string, err error) error {
	return &settingError{setting, s[setting], err}
}

// check blames the setting that the first of the checks finds wrong.
func (s sources) check(checks ...func() (setting string, err error)) error {
	for _, check := range checks {
		if setting, err := check(); err != nil {
			return s.blame(setting, err)
		}
	}
	return nil
}

// trace adds to a setting's error, that came up when it was used, where the setting came from.
func (s sources) trace(err error) error {
	if wrong, ok := errors.AsType[*settingError](err); ok {
		wrong.source = s[wrong.setting]
	}
	return err
}

// resolve notes where a setting comes from and tries the value out: kong would decode it as well, but not tell its source.
func (s sources) resolve(flag *kong.Flag, value any, source string) (any, error) {
	s[flag.Name] = source
	if err := tryOut(flag, value); err != nil {
		return nil, s.blame(flag.Name, err)
	}
	return value, nil
}

// tryOut decodes a value as kong does; only that kong's error about one element of an array would repeat them all, secrets too.
func tryOut(flag *kong.Flag, value any) error {
	target := reflect.New(flag.Target.Type())
	if several, ok := value.([]any); ok {
		text, err := json.Marshal(several)
		if err != nil {
			return err
		}
		return json.Unmarshal(text, target.Interface())
	}
	scanner := kong.Scan().PushTyped(value, kong.FlagValueToken)
	return flag.Mapper.Decode(&kong.DecodeContext{Value: flag.Value, Scan: scanner}, target.Elem())
}

// fromEnvironment takes kong's own reading of variables from it, which would print what it cannot read, secrets too. Their
// names stay known. The file's own name is left to kong, unless it is empty: it is read before settings are.
func fromEnvironment(app *kong.Application) {
	for _, flag := range allFlags(app) {
		if _, value := variable(flag); flag.Name != "config" || value == "" {
			flag.Tag.Envs = nil
		}
	}
}

// variables is a kong.Resolver of environment variables.
type variables struct{ sources sources }

// Validate implements kong.Resolver.
func (variables) Validate(*kong.Application) error { return nil }

// Resolve implements kong.Resolver.
func (v variables) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	name, value := variable(flag)
	if value == "" || flag.Name == "config" {
		return nil, nil
	}
	return v.sources.resolve(flag, value, fromVariable(name))
}

func fromVariable(name string) string { return "environment variable " + name }

// variable returns a setting's environment variable; one that is empty is as good as none.
func variable(flag *kong.Flag) (name, value string) {
	for _, name := range flag.Envs {
		if value := os.Getenv(name); value != "" {
			return name, value
		}
	}
	return "", ""
}

// unknownVariables returns the RELAY_ variables that no flag reads. They are told, not refused: Kubernetes sets some for a
// service of the name relay.
func unknownVariables(app *kong.Application, environ []string) (unknown []string) {
	var known []string
	for _, flag := range allFlags(app) {
		known = append(known, flag.Envs...)
	}
	for _, variable := range environ {
		name, _, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, "RELAY_") && !slices.Contains(known, name) {
			unknown = append(unknown, name)
		}
	}
	return unknown
}

// allFlags are those of the program and of every command.
func allFlags(app *kong.Application) (flags []*kong.Flag) {
	for _, node := range append([]*kong.Node{app.Node}, app.Children...) {
		flags = append(flags, node.Flags...)
	}
	return flags
}
