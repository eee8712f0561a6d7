using System.Reflection;
using Sparkish.Keys;
using Sparkish.Serialization.Closures;
using Sample = Sparkish.Tests.FSharp.Closures;

namespace Sparkish.Tests.Serialization.Closures;

/// <summary>Functions of F# and Visual Basic carry what they use, and errors name what their authors wrote.</summary>
internal sealed class OtherLanguagesTests
{
    private static readonly Sample.Report FSharpReport = new(new MemoryStream(), 3);

    // Of what is sent whole, as a stream would not be.
    private static readonly Sample.Report Small = new(null, 3);

    private static readonly object BasicReport = Activator.CreateInstance(Basic("Report"))!;

    private static IEnumerable<TestCaseData> Sent =>
    [
        Function("F#: members of this", FSharpReport.Property(), 11),
        Function("F#: this by another name", FSharpReport.OtherName(), 6),
        Function("F#: this and a local", FSharpReport.WithLocal(7), 13),
        Function("F#: a lambda in a lambda", FSharpReport.Inner(), 24),
        Function("F#: a curried lambda in a lambda", FSharpReport.Curried(), 13),
        Function("F#: a sequence expression", FSharpReport.Sequence(), 24),
        Function("F#: an object that is made inside", FSharpReport.ObjectInside(), 5),
        Function("F#: an object with a member of this", Small.Object(), 10),
        Function("F#: a function value with members of this", Small.FunctionOfThis(), 14),
        Function("F#: this and another object of its class", Small.TwoOfThem(new Sample.Report(null, 9) { Total = 8 }), 14),
        Function("F#: this and the same object again", Small.TwoOfThem(Small), 11),
        Function("F#: a generic member", FSharpReport.Generic("a"), 7),
        Function("F#: a function value", Sample.withFunction(10), 200),
        Function("F#: a dictionary", Sample.withDictionary(new Dictionary<string, int>(StringComparer.Ordinal) { ["a"] = 1 }, 3), 5),
        Function("F#: a recursive function", Sample.recursive(5), 10),
        Function("F#: a long list", Sample.longList(200_000), 200_002),
        Function("Visual Basic: members of this", OfReport("OfMembers"), 11),
        Function("Visual Basic: this and a local", OfReport("WithLocal", 7), 13),
        Function("Visual Basic: a local", OfModule("WithLocal", 10), 20),
        Function("Visual Basic: variables of a loop and of the method around it", OfModule("InLoop", 10), 14),
        Function("Visual Basic: nothing", OfModule("OfNothing"), 3),
        Function("Visual Basic: an iterator", OfModule("OfIterator", 10), 30),
    ];

    private static IEnumerable<TestCaseData> Refused =>
    [
        Refusal("F#: a member of this", FSharpReport.Uses(), "Map(...) captures this.connection: System.IO.MemoryStream cannot be sent"),
        Refusal("F#: this, which escapes", FSharpReport.Escapes(), "(all of this is captured, since Escapes passes it to Report.Read)."),
        Refusal("F#: a local", Sample.withStream(new MemoryStream()), "Map(...) captures stream: System.IO.MemoryStream cannot be sent"),
        Refusal("F#: an async", Sample.withAsync(new MemoryStream()), "Map(...) captures work"),
        Refusal("Visual Basic: a member of this", OfReport("Uses"), "Map(...) captures this._connection: System.IO.MemoryStream cannot be sent"),
        Refusal("Visual Basic: a member and a local", OfReport("UsesWithLocal", 1), "Map(...) captures this._connection: System.IO.MemoryStream cannot be sent"),
        Refusal("Visual Basic: a local", OfModule("UsesLocal"), "Map(...) captures stream: System.IO.MemoryStream cannot be sent"),
    ];

    [TestCaseSource(nameof(Sent))]
    public void A_function_runs_with_what_it_uses(Func<int, int> function, int expected)
    {
        using var sc = LocalContext.Start();

        Assert.That(sc.Parallelize([2]).Map(function).Collect(), Is.EqualTo(new[] { expected }));
    }

    [TestCaseSource(nameof(Refused))]
    public void A_refusal_names_what_the_author_wrote(Func<int, int> function, string message)
    {
        Assert.That(() => ClosureCleaner.Clean(function, "Map"), Throws.TypeOf<SerializationException>().With.Message.Contains(message));
    }

    [Test]
    public void A_report_names_captured_and_dropped_variables()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Report(OfModule("InLoop", 10)), Is.EqualTo("j: int, factor: int | stream: MemoryStream"));
            Assert.That(Report(OfReport("WithLocal", 1)), Is.EqualTo("plus: int, this._rate: int | this._connection: MemoryStream, this._Total: int"));
            Assert.That(Report(FSharpReport.WithLocal(1)), Does.StartWith("this.rate: int, plus: int | ").And.Contain("this.connection: Stream"));
        }
    }

    [Test]
    public void Anonymous_types_of_Visual_Basic_are_equal_by_their_key_members()
    {
        var (one, other) = (Call("Functions", null, "KeyOf", 1, 1.0m), Call("Functions", null, "KeyOf", 1, 1.00m));
        var hasher = KeyHasherFactory.Of(one.GetType());

        using (Assert.EnterMultipleScope())
        {
            Assert.That(one.Equals(other));
            Assert.That(hasher.HashObject(one), Is.EqualTo(hasher.HashObject(other)));
            Assert.That(KeyRules.KeyRefusal(Call("Functions", null, "NoKey").GetType()), Does.StartWith("anonymous type cannot be a key: none of its members is marked as Key"));
        }
    }

    // By name: tools that read projects of C# do not always read those of Visual Basic.
    private static Type Basic(string name) => Assembly.Load("Sparkish.Tests.VisualBasic").GetType($"Sparkish.Tests.VisualBasic.{name}", throwOnError: true)!;

    private static object Call(string type, object? target, string method, params object[] arguments) =>
        Basic(type).GetMethod(method)!.Invoke(target, arguments)!;

    private static Func<int, int> OfReport(string method, params object[] arguments) => (Func<int, int>)Call("Report", BasicReport, method, arguments);

    private static Func<int, int> OfModule(string method, params object[] arguments) => (Func<int, int>)Call("Functions", null, method, arguments);

    private static string Report(Delegate function)
    {
        var report = ClosureCleaner.Explain(function);
        return $"{string.Join(", ", report.Captured)} | {string.Join(", ", report.Dropped)}";
    }

    private static TestCaseData Function(string name, Func<int, int> function, int expected) => new TestCaseData(function, expected).SetArgDisplayNames(name);

    private static TestCaseData Refusal(string name, Func<int, int> function, string message) => new TestCaseData(function, message).SetArgDisplayNames(name);
}
