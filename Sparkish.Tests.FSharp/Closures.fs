/// Functions of F# programs that are sent.
module Sparkish.Tests.FSharp.Closures

open System
open System.Collections.Generic
open System.IO

/// Has a stream that no function but one uses.
type Report(connection: Stream, rate: int) =
    member val Total = 5 with get, set

    member this.Property() = Func<int, int>(fun x -> x * rate + this.Total)

    member me.OtherName() = Func<int, int>(fun x -> me.Tax x)

    member this.WithLocal(plus: int) = Func<int, int>(fun x -> x * rate + plus)

    member this.Inner() = Func<int, int>(fun x -> List.sumBy (fun y -> y * rate + x) [ 1; 2; 3 ])

    member this.Curried() = Func<int, int>(fun x -> List.fold (fun state y -> state + y * rate + x) 0 [ 1; 2 ])

    member this.Sequence() = Func<int, int>(fun x -> Seq.sum (seq { for y in 1..3 do yield y * rate + x }))

    member this.Object() =
        let order =
            { new IComparer<int> with
                member _.Compare(x, y) = x * rate - y }

        Func<int, int>(fun x -> order.Compare(x, 1) + this.Total)

    member this.ObjectInside() =
        Func<int, int>(fun x ->
            let order =
                { new IComparer<int> with
                    member _.Compare(a, b) = a * rate - b }

            order.Compare(x, 1))

    member this.FunctionOfThis() =
        let inner = fun y -> y * rate + this.Total
        Func<int, int>(fun x -> inner x + rate)

    member this.TwoOfThem(other: Report) = Func<int, int>(fun x -> this.Tax x + other.Total)

    member this.Generic<'T>(value: 'T) = Func<int, int>(fun x -> x * rate + (if isNull (box value) then 0 else 1))

    member this.Uses() = Func<int, int>(fun x -> x + int connection.Length)

    member this.Escapes() = Func<int, int>(fun x -> x + Report.Read this)

    member _.Tax(x: int) = x * rate

    static member Read(report: Report) = report.Total

let withFunction (k: int) =
    let inner = fun x -> x * k
    Func<int, int>(fun x -> inner (inner x))

let returnsAsync = Func<int, Async<int>>(fun x -> async { return x })

let withAsync (stream: Stream) =
    let work = async { return int stream.Length }
    Func<int, int>(fun x -> x + Async.RunSynchronously work)

let withDictionary (words: Dictionary<string, int>) (k: int) = Func<int, int>(fun x -> x * words.Count + k)

let withStream (stream: Stream) = Func<int, int>(fun x -> x + int stream.Length)

let recursive (k: int) =
    let rec factorial n = if n <= 1 then k else n * factorial (n - 1)
    Func<int, int>(fun x -> factorial x)

let longList (length: int) =
    let list = List.init length id
    Func<int, int>(fun x -> List.length list + x)
