/// Keys of F# programs.
module Sparkish.Tests.FSharp.Keys

open System

type Price = { Currency: string; Amount: decimal }

type Measure =
    | Exact of decimal
    | Between of low: float * high: float
    | Unknown

[<Struct>]
type Mark =
    | Grade of grade: float
    | Missing

type Label = private Label of string

/// Equality that its author wrote.
[<CustomEquality; NoComparison>]
type AnyCase =
    { Text: string }

    override this.Equals(other) =
        match other with
        | :? AnyCase as other -> String.Equals(this.Text, other.Text, StringComparison.OrdinalIgnoreCase)
        | _ -> false

    override this.GetHashCode() = StringComparer.OrdinalIgnoreCase.GetHashCode this.Text

[<ReferenceEquality>]
type Handle = { Number: int }

type Tags = { Tags: string array }

[<NoComparison>]
type Unordered = { Value: int }

let label text = Label text

/// Pairs of equal keys that look different.
let pairs: (obj * obj) list =
    [ box ({ Currency = "EUR"; Amount = 1.0m }), box ({ Currency = "EUR"; Amount = 1.00m })
      box (Exact 1.0m), box (Exact 1.00m)
      box (Between(0.0, nan)), box (Between(-0.0, nan))
      box (Grade 0.0), box (Grade -0.0)
      box (label "a"), box (label "a")
      box (Some 1.0m), box (Some 1.00m)
      box (ValueSome 1.0m), box (ValueSome 1.00m)
      box (Ok 1.0m: Result<decimal, string>), box (Ok 1.00m: Result<decimal, string>)
      box ([ 1.0m; 2m ]), box ([ 1.00m; 2.0m ])
      box (Set.ofList [ 1.0m; 2m ]), box (Set.ofList [ 2.0m; 1.00m ])
      box (Map.ofList [ "a", 1.0m ]), box (Map.ofList [ "a", 1.00m ])
      box ((1.0m, "a")), box ((1.00m, "a"))
      box (struct (1.0m, "a")), box (struct (1.00m, "a"))
      box ({| Amount = 1.0m |}), box ({| Amount = 1.00m |})
      box ([ Some(Exact 1.0m) ]), box ([ Some(Exact 1.00m) ]) ]
