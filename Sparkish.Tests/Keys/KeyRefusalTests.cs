using System.Collections.Immutable;
using System.Text;
using Sample = Sparkish.Tests.FSharp.Keys;

namespace Sparkish.Tests.Keys;

/// <summary>Types that cannot be keys, or have no order, are refused by the call, before anything runs.</summary>
public sealed class KeyRefusalTests
{
    private static IEnumerable<TestCaseData> NoKeys =>
    [
        Key<int[]>("int[] cannot be a key: two arrays with the same elements are not equal; use a tuple, a record or a string of the elements."),
        Key<(int, string[])>("(int, string[]) cannot be a key: Item2 is of type string[], and two arrays"),
        Key<Pair<Pair<int, byte[]?>, int>>("Pair<Pair<int, byte[]>, int> cannot be a key: First.Second is of type byte[], and two arrays"),
        Key<List<int>>("List<int> cannot be a key: two collections with the same elements are not equal"),
        Key<ImmutableArray<int>>("ImmutableArray<int> cannot be a key: two collections"),
        Key<ArraySegment<int>>("ArraySegment<int> cannot be a key: two collections"),
        Key<Couple<int, HashSet<string>>>("Second is of type HashSet<string>, and two collections"),
        Key<PlainOf<Dictionary<int, int>>?>("PlainOf<Dictionary<int, int>>? cannot be a key: Value is of type Dictionary<int, int>, and two collections"),
        Key<Memory<int>>("Memory<int> cannot be a key: its hash code may differ from process to process"),
        Key<StringBuilder>("StringBuilder cannot be a key: two of its objects with the same content are not equal"),
        Key<IReadOnlyList<int>>("IReadOnlyList<int> cannot be a key: its values may be of any type"),
        Key<object>("object cannot be a key: its values may be of any type; declare a type whose values are equal by their members"),
        Key<Func<int>>("Func<int> cannot be a key: functions cannot be compared"),
        Key<ByReference>("ByReference cannot be a key: two of its objects are equal only if they are one object; make it a record, or override Equals and"),
        Key<OwnEquals>("OwnEquals cannot be a key: it has an Equals of its own, and its hash code may differ from process to process; implement IStable"),
        Key<OwnEquatable>("OwnEquatable cannot be a key: it has an Equals of its own"),
        Key<OwnRecord>("OwnRecord cannot be a key: it has an Equals of its own"),
        Key<(OwnRecord, int)>("Item1 is of type OwnRecord, and it has an Equals of its own"),
        Key<HashWithoutEquals>("HashWithoutEquals cannot be a key: it implements IStableHashCode but not Equals"),
        Key<Unsent>("Unsent cannot be a key: its Equals compares Cached, which is excluded from serialization"),
        Key<Two>("Two cannot be a key: inline arrays cannot be compared"),
        Key<nint>("nint cannot be a key: a pointer means nothing in another process"),
        Key<Sample.AnyCase>("AnyCase cannot be a key: it has an Equals of its own"),
        Key<Sample.Handle>("Handle cannot be a key: two of its objects are equal only if they are one object; remove its attribute ReferenceEquality"),
        Key<Sample.Tags>("Tags cannot be a key: Tags is of type string[], and executors do not compare arrays by their elements, as F# does; use a list."),
        Key<Microsoft.FSharp.Control.FSharpAsync<int>>("Async<int> cannot be a key: it is a computation that has not run; run it with Async.RunSynchronously"),
        Key<Microsoft.FSharp.Core.FSharpFunc<int, int>>("FSharpFunc<int, int> cannot be a key: functions cannot be compared"),
    ];

    private static IEnumerable<TestCaseData> NoOrders =>
    [
        Order<ByReference>("ByReference cannot be sorted by: it has no order; sort by a tuple of its members, or implement IComparable<T>."),
        Order<int[]>("int[] cannot be sorted by: it has no order; sort by a number, a string or a tuple of them."),
        Order<(int, List<int>)>("(int, List<int>) cannot be sorted by: Item2 is of type List<int>, and it has no order"),
        Order<Uri>("Uri cannot be sorted by: it has no order"),
        Order<Plain>("Plain cannot be sorted by: it has no order; sort by a tuple of its members"),
        Order<object>("object cannot be sorted by: its values may be of any type; declare the type that they have"),
        Order<Pair<int, int[]>?>("Second is of type int[], and it has no order"),
        Order<Sample.Unordered>("Unordered cannot be sorted by: it has no order"),
    ];

    [TestCaseSource(nameof(NoKeys))]
    public void What_cannot_be_a_key_is_refused_by_ReduceByKey(Action<SparkContext> reduce, string message)
    {
        using var sc = LocalContext.Start();

        Assert.That(() => reduce(sc), Throws.TypeOf<SparkException>().With.Message.StartsWith("ReduceByKey(...): ").And.Message.Contains(message));
    }

    [TestCaseSource(nameof(NoOrders))]
    public void What_has_no_order_is_refused_by_SortBy(Action<SparkContext> sort, string message)
    {
        using var sc = LocalContext.Start();

        Assert.That(() => sort(sc), Throws.TypeOf<SparkException>().With.Message.StartsWith("SortBy(...): ").And.Message.Contains(message));
    }

    [Test]
    public void What_has_no_order_is_refused_by_Top_unless_a_comparer_is_given()
    {
        using var sc = LocalContext.Start();
        var arrays = sc.Parallelize([new[] { 1 }, [2, 3]]);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => arrays.Top(1), Throws.TypeOf<SparkException>().With.Message.StartsWith("Top(...): int[] cannot be sorted by"));
            Assert.That(arrays.Top(1, Comparer<int[]>.Create((x, y) => x.Length.CompareTo(y.Length))), Is.EqualTo(new[] { new[] { 2, 3 } }));
        }
    }

    private static TestCaseData Key<T>(string message) =>
        new TestCaseData(
            (Action<SparkContext>)(static sc => sc.Parallelize<int>([]).Map(static _ => (Key: default(T)!, 1)).ReduceByKey(static (a, b) => a + b)), message)
            .SetArgDisplayNames(typeof(T).ToString());

    private static TestCaseData Order<T>(string message) =>
        new TestCaseData((Action<SparkContext>)(static sc => sc.Parallelize<int>([]).SortBy(static _ => default(T)!)), message)
            .SetArgDisplayNames(typeof(T).ToString());
}
