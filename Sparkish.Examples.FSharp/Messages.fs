namespace Sparkish.Examples.FSharp

open Sparkish.Serialization.Messages

/// A line of a bill.
type Line = { Article: string; Price: decimal }

/// What the till is sent and asked. One number stands for all cases.
[<Message(100)>]
type TillMessage =
    | Scan of Line
    | Discard of article: string
    | Pay of cash: decimal
    | ShowBill

/// What it answers.
[<Message(101)>]
type TillReply =
    | Bill of lines: Line list * total: decimal
    | Change of decimal
    | TooLittle of missing: decimal
