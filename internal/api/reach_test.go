package api

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// reach finds the types without a public name in a type that a program can
// use: what it says of fields and methods is public all the same.
func (d *describer) reach(t types.Type) {
	if d.seen[t] {
		return
	}
	d.seen[t] = true
	switch t := t.(type) {
	case *types.Named:
		for arg := range t.TypeArgs().Types() {
			d.reach(arg)
		}
		if t.Origin() != t {
			d.reach(t.Origin())
		} else if o := t.Obj(); d.isHidden(o) {
			d.hidden = append(d.hidden, o)
		}
	case *types.Alias:
		for arg := range t.TypeArgs().Types() {
			d.reach(arg)
		}
		if t.Origin() != t {
			d.reach(t.Origin())
		} else if o := t.Obj(); d.isHidden(o) {
			d.hidden = append(d.hidden, o)
		}
		d.reach(t.Rhs())
	case *types.Pointer:
		d.reach(t.Elem())
	case *types.Slice:
		d.reach(t.Elem())
	case *types.Array:
		d.reach(t.Elem())
	case *types.Chan:
		d.reach(t.Elem())
	case *types.Map:
		d.reach(t.Key())
		d.reach(t.Elem())
	case *types.Tuple:
		for v := range t.Variables() {
			d.reach(v.Type())
		}
	case *types.Signature:
		for p := range t.TypeParams().TypeParams() {
			d.reach(p.Constraint())
		}
		d.reach(t.Params())
		d.reach(t.Results())
	case *types.Struct:
		for f := range t.Fields() {
			if f.Exported() {
				d.reach(f.Type())
			}
		}
	case *types.Union:
		for term := range t.Terms() {
			d.reach(term.Type())
		}
	case *types.Interface:
		for m := range t.ExplicitMethods() {
			if m.Exported() {
				d.reach(m.Type())
			}
		}
		for e := range t.EmbeddedTypes() {
			d.reach(e)
		}
	}
}

// isHidden reports whether a type has no name that a program can use.
func (d *describer) isHidden(o *types.TypeName) bool {
	if o.Pkg() == nil || o.Pkg() == d.pkg {
		return !o.Exported() && o.Pkg() != nil
	}
	path := o.Pkg().Path()
	return strings.HasPrefix(path, module) && strings.Contains(path+"/", "/internal/")
}

// deprecated returns the names whose comments say so: F, T, T.Method, T.Field.
func deprecated(files []*ast.File) map[string]bool {
	names := make(map[string]bool)
	note := func(name string, docs ...*ast.CommentGroup) {
		for _, doc := range docs {
			if text := "\n" + doc.Text(); strings.Contains(text, "\nDeprecated: ") {
				names[name] = true
			}
		}
	}
	for _, file := range files {
		for _, decl := range file.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				note(receiver(decl)+decl.Name.Name, decl.Doc)
			case *ast.GenDecl:
				if decl.Tok == token.IMPORT {
					continue
				}
				for _, spec := range decl.Specs {
					switch spec := spec.(type) {
					case *ast.TypeSpec:
						note(spec.Name.Name, decl.Doc, spec.Doc, spec.Comment)
						for _, f := range members(spec.Type) {
							for _, n := range f.Names {
								note(spec.Name.Name+"."+n.Name, f.Doc, f.Comment)
							}
						}
					case *ast.ValueSpec:
						for _, n := range spec.Names {
							note(n.Name, decl.Doc, spec.Doc, spec.Comment)
						}
					}
				}
			}
		}
	}
	return names
}

// receiver is "T." for a method of T or *T, and "" for a function.
func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	t := f.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name + "."
		default:
			return ""
		}
	}
}

// members are the fields of a struct, or the methods of an interface.
func members(t ast.Expr) []*ast.Field {
	switch t := t.(type) {
	case *ast.StructType:
		return t.Fields.List
	case *ast.InterfaceType:
		return t.Methods.List
	}
	return nil
}
