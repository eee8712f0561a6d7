Imports System.IO

''' <summary>Has a stream that no function but one uses.</summary>
Public Class Report
    Private ReadOnly _rate As Integer = 3
    Private ReadOnly _connection As New MemoryStream()

    Public Property Total As Integer = 5

    Public Function OfMembers() As Func(Of Integer, Integer)
        Return Function(x) x * _rate + Total
    End Function

    Public Function WithLocal(plus As Integer) As Func(Of Integer, Integer)
        Return Function(x) x * _rate + plus
    End Function

    Public Function Uses() As Func(Of Integer, Integer)
        Return Function(x) x + CInt(_connection.Length)
    End Function

    Public Function UsesWithLocal(plus As Integer) As Func(Of Integer, Integer)
        Return Function(x) x + plus + CInt(_connection.Length)
    End Function
End Class

''' <summary>Functions with local variables.</summary>
Public Module Functions
    Public Function WithLocal(factor As Integer) As Func(Of Integer, Integer)
        Dim stream As New MemoryStream()
        Dim useless As Func(Of Long) = Function() stream.Length
        Return Function(x) x * factor
    End Function

    Public Function UsesLocal() As Func(Of Integer, Integer)
        Dim stream As New MemoryStream()
        Return Function(x) x + CInt(stream.Length)
    End Function

    Public Function InLoop(factor As Integer) As Func(Of Integer, Integer)
        Dim stream As New MemoryStream()
        Dim useless As Func(Of Long) = Function() stream.Length
        Dim last As Func(Of Integer, Integer) = Nothing
        For i = 1 To 2
            Dim j = i
            last = Function(x) x * j + factor
        Next
        Return last
    End Function

    Public Function OfNothing() As Func(Of Integer, Integer)
        Return Function(x) x + 1
    End Function

    Public Function OfIterator(factor As Integer) As Func(Of Integer, Integer)
        Return Function(x) Twice(New Integer() {x, 1}, factor).Sum()
    End Function

    Public Function KeyOf(a As Integer, b As Decimal) As Object
        Return New With {Key .A = a, Key .B = b, .Note = a.ToString() & b.ToString()}
    End Function

    Public Function NoKey() As Object
        Return New With {.A = 1}
    End Function

    Private Iterator Function Twice(part As IEnumerable(Of Integer), k As Integer) As IEnumerable(Of Integer)
        For Each x In part
            Yield x * k
        Next
    End Function
End Module
