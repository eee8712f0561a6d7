/// Types of every shape that F# programs send as messages.
module Sparkish.Tests.FSharp.Messages

open Sparkish.Rpc
open Sparkish.Serialization.Messages

/// Cases with fields, and one without.
[<Message(1000)>]
type Shape =
    | Circle of radius: float
    | Rectangle of width: float * height: float
    | Point

/// Many cases, which the compiler tells apart by a number.
type Colour =
    | Red
    | Green
    | Blue
    | Yellow
    | Mixed of Colour * Colour

/// One case.
type OrderId = OrderId of int

/// One case, made only in this module.
type Email = private Email of string

/// Two cases that are told apart by null.
[<CompilationRepresentation(CompilationRepresentationFlags.UseNullAsTrueValue)>]
type Maybe =
    | Nothing
    | Just of string

[<Struct>]
type Light =
    | On
    | Off

[<Struct>]
type Amount =
    | Exact of units: int
    | Text of text: string

type Tree<'T> =
    | Leaf
    | Node of Tree<'T> * 'T * Tree<'T>

type Line = { Article: string; Count: int }

[<Struct>]
type Spot = { X: int; Y: int }

/// Most of what a record of F# holds.
[<Message(1001)>]
type Order =
    { Id: OrderId
      Lines: Line list
      Note: string option
      Price: decimal voption
      Total: Result<int, string>
      Spot: Spot
      Pair: int * string
      ByName: Map<string, int list>
      Tags: Set<string>
      Shape: Shape }

/// A value that holds itself through lists and maps.
type Json =
    | Null
    | Number of float
    | String of string
    | Array of Json list
    | Object of Map<string, Json>

/// A command with an endpoint to answer to.
[<Message(1002)>]
type Command =
    | Add of Order
    | Count of replyTo: RpcEndpointRef
    | Stop

type Envelope = { Command: Command; History: Command list }

/// Two types that hold each other.
type Expression =
    | Constant of int
    | Sum of Expression list
    | Conditional of Branch

and Branch =
    { When: Expression
      Then: Expression
      Otherwise: Expression option }

type Wrapper<'T> = Wrapper of 'T

let email text = Email text
let textOf (Email text) = text
let order =
    { Id = OrderId 7
      Lines = [ { Article = "pen"; Count = 2 }; { Article = "ink"; Count = 1 } ]
      Note = Some "soon"
      Price = ValueSome 9.5m
      Total = Ok 3
      Spot = { X = 1; Y = -1 }
      Pair = (5, "five")
      ByName = Map.ofList [ ("b", [ 2 ]); ("a", [ 1; 1 ]) ]
      Tags = Set.ofList [ "x"; "y" ]
      Shape = Rectangle(2.0, 3.0) }

let emptyOrder =
    { order with
        Lines = []
        Note = None
        Price = ValueNone
        Total = Error "none"
        ByName = Map.empty
        Tags = Set.empty
        Shape = Point }

let json = Object(Map.ofList [ ("a", Array [ Number 1.0; Null; String "s" ]); ("o", Object Map.empty) ])

/// A chain of nodes of a given length.
let rec chain length = if length = 0 then Leaf else Node(chain (length - 1), length, Leaf)

let numbers count = List.init count id
let values: obj list =
    [ Circle 1.5; Rectangle(2.0, 3.0); Point
      Red; Yellow; Mixed(Red, Mixed(Green, Blue))
      OrderId 3; email "a@b"
      Just "x"
      On; Off; Exact 4; Text "four"
      Node(Node(Leaf, "l", Leaf), "m", Leaf); Tree<int>.Leaf
      { Article = "pen"; Count = 2 }; { X = 3; Y = 4 }
      order; emptyOrder; json
      Conditional { When = Constant 1; Then = Sum [ Constant 2; Constant 3 ]; Otherwise = Some(Constant 4) }
      Wrapper(Some 3); Wrapper [ Some "a"; None ]; Wrapper(Wrapper Red)
      [ 1; 2; 3 ]; ([]: string list); Some 5; ValueSome "v"
      (Ok "fine": Result<string, int>); (Error 4: Result<string, int>)
      Map.ofList [ (1, "a"); (2, "b") ]; Set.ofList [ 3; 1; 2 ]
      (Choice1Of2 1: Choice<int, string>)
      {| Name = "anonymous"; Size = 3 |}
      (1, "two", 3.0); struct (1, "two") ]
