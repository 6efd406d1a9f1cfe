package api

import (
	"fmt"
	"go/types"
	"regexp"
	"strings"
)

// unnamed is a result to which the compiler has given a name of its own, as it
// does where a function returns out of a range over a function.
var unnamed = regexp.MustCompile(`\(#rv1 ([^,()]*)\)|#rv[0-9]+ `)

// describer lists what a program can use of a package, a line each.
type describer struct {
	pkg        *types.Package
	deprecated map[string]bool
	lines      []string

	hidden []*types.TypeName // types without a public name that can be reached
	seen   map[types.Type]bool
}

// describe lists the exported names of a package, and what can be reached of
// types that it does not export. Of deprecated names it says so.
func describe(pkg *types.Package, deprecated map[string]bool) []string {
	d := &describer{pkg: pkg, deprecated: deprecated, seen: make(map[types.Type]bool)}
	d.add("", "package %s", pkg.Name())
	for _, n := range pkg.Scope().Names() {
		if o := pkg.Scope().Lookup(n); o.Exported() {
			d.object(o)
		}
	}
	for len(d.hidden) > 0 {
		hidden := d.hidden[0]
		d.hidden = d.hidden[1:]
		const mark = " // not exported, and can be reached"
		if hidden.IsAlias() {
			d.alias(hidden, mark)
		} else {
			d.declared(hidden, mark)
		}
	}
	return d.lines
}

func (d *describer) add(key, format string, args ...any) {
	line := strings.TrimPrefix(d.pkg.Path(), module) + ": " + fmt.Sprintf(format, args...)
	if d.deprecated[key] {
		line += " // Deprecated"
	}
	d.lines = append(d.lines, unnamed.ReplaceAllString(line, "$1"))
}

func (d *describer) qualify(p *types.Package) string {
	if p == d.pkg {
		return ""
	}
	return p.Name()
}

// text is a type in words. What can be reached through it is looked at later.
func (d *describer) text(t types.Type) string {
	d.reach(t)
	return types.TypeString(t, d.qualify)
}

func (d *describer) name(t *types.TypeName) string {
	if q := d.qualify(t.Pkg()); q != "" {
		return q + "." + t.Name()
	}
	return t.Name()
}

func (d *describer) object(o types.Object) {
	switch o := o.(type) {
	case *types.Const:
		d.add(o.Name(), "const %s %s = %s", o.Name(), d.text(o.Type()), o.Val().ExactString())
	case *types.TypeName:
		if o.IsAlias() {
			d.alias(o, "")
		} else {
			d.declared(o, "")
		}
	default:
		d.reach(o.Type())
		d.add(o.Name(), "%s", types.ObjectString(o, d.qualify))
	}
}

func (d *describer) alias(t *types.TypeName, mark string) {
	d.reach(t.Type())
	d.add(t.Name(), "%s%s", types.ObjectString(t, d.qualify), mark)
}

// declared describes a type with its fields and methods. The mark says that
// it has no public name.
func (d *describer) declared(t *types.TypeName, mark string) {
	named := t.Type()
	d.seen[named] = true
	if n, ok := named.(*types.Named); ok {
		for p := range n.TypeParams().TypeParams() {
			d.reach(p.Constraint())
		}
	}
	switch u := named.Underlying().(type) {
	case *types.Struct:
		kind := "struct"
		if mark == "" && types.Comparable(named) {
			kind = "comparable struct"
		}
		d.add(t.Name(), "type %s %s%s", types.TypeString(named, d.qualify), kind, mark)
		d.fields(d.name(t), u)
	case *types.Interface:
		d.add(t.Name(), "%s%s", types.ObjectString(t, d.qualify), mark)
		d.promoted(d.name(t), u)
		return
	default:
		d.reach(u)
		d.add(t.Name(), "%s%s", types.ObjectString(t, d.qualify), mark)
	}
	value := types.NewMethodSet(named)
	for m := range types.NewMethodSet(types.NewPointer(named)).Methods() {
		if !m.Obj().Exported() {
			continue
		}
		receiver := "*" + d.name(t)
		if value.Lookup(m.Obj().Pkg(), m.Obj().Name()) != nil {
			receiver = d.name(t)
		}
		d.add(t.Name()+"."+m.Obj().Name(), "(%s) %s%s", receiver, m.Obj().Name(), strings.TrimPrefix(d.text(m.Type()), "func"))
	}
}

// fields describes the exported fields, those too that an embedded struct
// without a public name promotes.
func (d *describer) fields(name string, s *types.Struct) {
	for i := range s.NumFields() {
		f := s.Field(i)
		if f.Exported() {
			line := name + "." + f.Name() + " " + d.text(f.Type())
			if s.Tag(i) != "" {
				line += " `" + s.Tag(i) + "`"
			}
			if f.Embedded() {
				line += " // embedded"
			}
			d.add(name+"."+f.Name(), "%s", line)
			continue
		}
		inner := f.Type().Underlying()
		if p, ok := inner.(*types.Pointer); ok {
			inner = p.Elem().Underlying()
		}
		if inner, ok := inner.(*types.Struct); ok && f.Embedded() {
			d.fields(name, inner)
		}
	}
}

// promoted describes the methods that an interface has of those that it
// embeds, whose own descriptions may be elsewhere or nowhere.
func (d *describer) promoted(name string, i *types.Interface) {
	own := make(map[string]bool)
	for m := range i.ExplicitMethods() {
		own[m.Name()] = true
		if m.Exported() {
			d.reach(m.Type())
			if d.deprecated[name+"."+m.Name()] {
				d.add(name+"."+m.Name(), "%s.%s", name, m.Name())
			}
		}
	}
	for e := range i.EmbeddedTypes() {
		d.reach(e)
	}
	for m := range i.Methods() {
		if !own[m.Name()] && m.Exported() {
			d.add(name+"."+m.Name(), "%s.%s%s // embedded", name, m.Name(), strings.TrimPrefix(d.text(m.Type()), "func"))
		}
	}
}
