namespace Sparkish.Examples.FSharp

open Sparkish.Rpc

/// A till: an endpoint with an F# list as its state and the cases of a union as its messages.
type Till() =
    inherit RpcEndpoint()

    let mutable lines: Line list = []

    let total () = lines |> List.sumBy _.Price

    override this.Receive message =
        match message with
        | :? TillMessage as message ->
            match message with
            | Scan line -> lines <- line :: lines
            | Discard article -> lines <- lines |> List.filter (fun line -> line.Article <> article)
            | Pay _
            | ShowBill -> base.Receive message
        | other -> base.Receive other

    override this.ReceiveAndReply(message, call) =
        match message with
        | :? TillMessage as message ->
            match message with
            | ShowBill -> call.Reply(Bill(List.rev lines, total ()))
            | Pay cash when cash < total () -> call.Reply(TooLittle(total () - cash))
            | Pay cash ->
                call.Reply(Change(cash - total ()))
                lines <- []
            | Scan _
            | Discard _ -> base.ReceiveAndReply(message, call)
        | other -> base.ReceiveAndReply(other, call)
