package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// configFile holds the settings of a configuration file: a JSON object whose members are named as the flags are, without
// the dashes before them, such as {"data-dir": "/var/lib/relay", "project": ["shop=cdn"]}.
type configFile map[string]any

func readConfigFile(r io.Reader) (kong.Resolver, error) {
	var c configFile
	decoder := json.NewDecoder(r)
	decoder.UseNumber()
	if err := decoder.Decode(&c); err != nil {
		return nil, fmt.Errorf("it is not a JSON object: %w", err)
	}
	return c, nil
}

// Validate implements kong.Resolver: a member that is no setting would be a setting that silently does nothing.
func (c configFile) Validate(app *kong.Application) error {
	var known []string
	for _, command := range app.Children {
		if command.Name == "serve" {
			for _, flag := range command.Flags {
				known = append(known, flag.Name)
			}
		}
	}
	slices.Sort(known)
	for name := range c {
		if !slices.Contains(known, name) {
			return fmt.Errorf("the configuration file has %q; allowed are %s", name, strings.Join(known, ", "))
		}
	}
	return nil
}

// Resolve implements kong.Resolver. The environment goes before the file, which kong sees the other way round.
func (c configFile) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, name := range flag.Envs {
		if _, set := os.LookupEnv(name); set {
			return nil, nil
		}
	}
	if number, ok := c[flag.Name].(json.Number); ok {
		return number.String(), nil
	}
	return c[flag.Name], nil
}
