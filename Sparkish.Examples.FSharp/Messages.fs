namespace Sparkish.Examples.FSharp

open Sparkish.Serialization.Messages

/// A line of a bill.
type Line = { Article: string; Price: decimal }

/// The messages to the till. One number covers all cases.
[<Message(100)>]
type TillMessage =
    | Scan of Line
    | Discard of article: string
    | Pay of cash: decimal
    | ShowBill

/// The till's answers.
[<Message(101)>]
type TillReply =
    | Bill of lines: Line list * total: decimal
    | Change of decimal
    | TooLittle of missing: decimal
