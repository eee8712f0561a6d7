module Sparkish.Examples.FSharp.Program

open Sparkish
open Sparkish.Rpc
open Sparkish.Serialization.Messages

/// All types of this assembly that have a number. Both sides use the same.
let messages () = MessageRegistry().AddAssemblyOf<TillMessage>()

let describe reply =
    match reply with
    | Bill(lines, total) -> sprintf "%d articles, %M" (List.length lines) total
    | Change back -> sprintf "change: %M" back
    | TooLittle missing -> sprintf "%M missing" missing

/// Two envs over the network: one runs the till, the other sends to it and asks it.
let run () =
    task {
        use till = RpcEnv.Create("till", SparkConf(), messages ())
        till.SetupEndpoint("Till", new Till()) |> ignore

        use shop = RpcEnv.Create("shop", SparkConf(), messages ())
        let! register = shop.SetupEndpointRefAsync(RpcEndpointAddress(till.Address, "Till"))

        for article, price in [ "bread", 3.20m; "milk", 1.10m; "pen", 2.00m ] do
            register.Send(Scan { Article = article; Price = price })

        register.Send(Discard "pen")

        let ask (message: TillMessage) = register.AskAsync<TillReply> message
        let! bill = ask ShowBill
        let! short = ask (Pay 4m)
        let! change = ask (Pay 5m)
        return [ bill; short; change ]
    }

[<EntryPoint>]
let main _ =
    for reply in run().GetAwaiter().GetResult() do
        printfn "%s" (describe reply)

    0
