package layers

import (
	"slices"
	"strings"
	"testing"
)

// graph makes packages of lines such as "a: b c"; names without a dot in their
// first element are the standard library's, and m/x is x of this module.
func graph(lines ...string) map[string]pkg {
	full := func(name string) string {
		if rest, ok := strings.CutPrefix(name, "m/"); ok {
			return module + rest
		}
		return name
	}
	packages := make(map[string]pkg)
	add := func(path string, imports []string) {
		first, _, _ := strings.Cut(path, "/")
		packages[path] = pkg{ImportPath: path, Standard: !strings.Contains(first, "."), Imports: imports}
	}
	for _, line := range lines {
		name, rest, _ := strings.Cut(line, ":")
		imports := strings.Fields(rest)
		for i := range imports {
			imports[i] = full(imports[i])
			if _, ok := packages[imports[i]]; !ok {
				add(imports[i], nil)
			}
		}
		add(full(name), imports)
	}
	return packages
}

func TestCheck(t *testing.T) {
	sound := []string{
		"m/storage: context internal/abi",
		"m/adapters/memstore: m/storage m/internal/full sync",
		"m/decorators/namespace: m/storage",
	}
	for _, tt := range []struct {
		name  string
		lines []string // replace the sound ones of the same package
		want  []string
	}{
		{"sound", nil, nil},
		{
			"what is allowed",
			[]string{
				"m/adapters/redisstore: m/storage m/adapters/redisstore/internal/script example.com/driver",
				"m/adapters/redisstore/redistest: testing",
				"m/decorators/codec: m/storage",
				"m/decorators/compress: m/decorators/codec",
				"m/decorators/cache: m/internal/flight example.com/lru",
				"m/internal/host: m/adapters/memstore m/decorators/namespace example.com/peer",
			},
			nil,
		},
		{
			"storage imports a third party",
			[]string{"m/storage: example.com/x"},
			[]string{
				"storage depends on more than the standard library: storage → example.com/x",
				"a program of memstore and namespace links example.com/x: adapters/memstore → storage → example.com/x",
			},
		},
		{
			"storage imports a package of ours, by a detour",
			[]string{"m/storage: m/internal/a", "m/internal/a: m/internal/b"},
			[]string{
				"storage depends on more than the standard library: storage → internal/a",
				"storage depends on more than the standard library: storage → internal/a → internal/b",
			},
		},
		{
			"a decorator imports a decorator",
			[]string{"m/decorators/cache: m/decorators/singleflight"},
			[]string{"decorators/cache depends on decorators/singleflight: decorators/cache → decorators/singleflight"},
		},
		{
			"a decorator imports an adapter, by a detour",
			[]string{"m/decorators/cache: m/internal/a", "m/internal/a: m/adapters/redisstore/redistest"},
			[]string{"decorators/cache depends on adapters/redisstore: decorators/cache → internal/a → adapters/redisstore/redistest"},
		},
		{
			"an adapter imports an adapter and a decorator, codec included",
			[]string{"m/adapters/redisstore: m/adapters/memstore m/decorators/codec"},
			[]string{
				"adapters/redisstore depends on adapters/memstore: adapters/redisstore → adapters/memstore",
				"adapters/redisstore depends on decorators/codec: adapters/redisstore → decorators/codec",
			},
		},
		{
			"the part of a decorator imports another",
			[]string{"m/decorators/cache/internal/x: m/decorators/trace"},
			[]string{"decorators/cache depends on decorators/trace: decorators/cache/internal/x → decorators/trace"},
		},
		{
			"namespace needs a third party",
			[]string{"m/decorators/namespace: m/internal/a", "m/internal/a: example.com/x"},
			[]string{"a program of memstore and namespace links example.com/x: decorators/namespace → internal/a → example.com/x"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			packages := graph(append(sound, tt.lines...)...)
			got := append(check(packages), checkSmallProgram(packages)...)
			if !slices.Equal(got, tt.want) {
				t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(tt.want, "\n\t"))
			}
		})
	}
}

func TestCheckMissesRequiredPackages(t *testing.T) {
	got := check(graph("m/decorators/cache: sync"))
	if len(got) != len(required) {
		t.Fatalf("got %q, want an offence for each of %q", got, required)
	}
	for i, name := range required {
		if !strings.HasPrefix(got[i], name+" does not exist") {
			t.Errorf("got %q, want that %s does not exist", got[i], name)
		}
	}
}
