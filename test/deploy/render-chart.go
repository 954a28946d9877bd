// Renders a chart as Helm does, as far as this one uses it: text/template with sprig, values, release and chart.
//
//	render-chart FOLDER VALUES-AS-JSON RELEASE
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"text/template"

	"github.com/Masterminds/sprig"
)

func main() {
	folder, release := os.Args[1], os.Args[3]
	var values map[string]interface{}
	if err := json.Unmarshal([]byte(os.Args[2]), &values); err != nil {
		fail(err)
	}
	files, err := filepath.Glob(filepath.Join(folder, "templates", "*.yaml"))
	if err != nil {
		fail(err)
	}
	sort.Strings(files)
	data := map[string]interface{}{"Values": values, "Release": map[string]string{"Name": release}}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			fail(err)
		}
		// A value that is not there is an error, as with `helm lint --strict`.
		parsed, err := template.New(file).Funcs(sprig.TxtFuncMap()).Option("missingkey=error").Parse(string(text))
		if err != nil {
			fail(err)
		}
		fmt.Println("---")
		if err := parsed.Execute(os.Stdout, data); err != nil {
			fail(err)
		}
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
