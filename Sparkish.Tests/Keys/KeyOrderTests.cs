using Sparkish.Keys;
using Sample = Sparkish.Tests.FSharp.Keys;

namespace Sparkish.Tests.Keys;

/// <summary>The order of keys depends on no culture: texts are compared by their UTF-16 code units wherever they stand.</summary>
public sealed class KeyOrderTests
{
    private static readonly string[] Words = ["b", "A", "a", "B", "é", "z", "coop", "co-op"];

    private static readonly string[] Ordinal = [.. Words.Order(StringComparer.Ordinal)];

    [Test]
    [SetCulture("de-DE")]
    public void Texts_are_ordinal_at_any_depth()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Sorted(static word => word), Is.EqualTo(Ordinal));
            Assert.That(Sorted(ValueTuple.Create), Is.EqualTo(Ordinal));
            Assert.That(Sorted(static word => (word, 1)), Is.EqualTo(Ordinal));
            Assert.That(Sorted(static word => (1, word, 1)), Is.EqualTo(Ordinal));
            Assert.That(Sorted(static word => (1, 1, 1, word)), Is.EqualTo(Ordinal));
            Assert.That(Sorted(static word => (1, 2, 3, 4, 5, 6, 7, 8, (word, 1))), Is.EqualTo(Ordinal));
            Assert.That(Sorted(static word => ((string, int)?)(word, 1)), Is.EqualTo(Ordinal));
            Assert.That(Sorted(static word => Tuple.Create(1, Tuple.Create(word))), Is.EqualTo(Ordinal));
            Assert.That(Sorted(static word => new Pair<int, string>(1, word)), Is.EqualTo(Ordinal));
            Assert.That(Sorted(static word => new Couple<int, string>(1, word)), Is.EqualTo(Ordinal));
            Assert.That(Sorted(static word => new { Number = 1, Word = word }), Is.EqualTo(Ordinal));
            Assert.That(Sorted(static word => new Sample.Price(word, 1m)), Is.EqualTo(Ordinal));
            Assert.That(Sorted(static word => Tuple.Create(new Sample.Price(word, 1m), 1)), Is.EqualTo(Ordinal));
        }
    }

    [Test]
    public void Nothing_comes_before_any_value()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(new int?[] { 2, null, int.MinValue }.Order(KeyComparer<int?>.Default), Is.EqualTo(new int?[] { null, int.MinValue, 2 }));
            Assert.That(new Price?[] { new("", 0), null }.Order(KeyComparer<Price?>.Default), Is.EqualTo(new Price?[] { null, new("", 0) }));
            Assert.That(new[] { "", null }.Order(KeyComparer<string?>.Default), Is.EqualTo(new[] { null, "" }));
        }
    }

    [Test]
    public void A_type_with_an_order_of_its_own_keeps_it()
    {
        var ranked = new[] { new Ranked("a", 2), new Ranked("b", 1) };

        using (Assert.EnterMultipleScope())
        {
            Assert.That(ranked.Order(KeyComparer<Ranked>.Default), Is.EqualTo(ranked.Reverse()));
            Assert.That(ranked.Select(static r => (r, 1)).Order(KeyComparer<(Ranked, int)>.Default).First().Item1.Name, Is.EqualTo("b"));
        }
    }

    [Test]
    [SetCulture("de-DE")]
    public void Top_and_SortBy_agree_on_records()
    {
        using var sc = LocalContext.Start();
        var rows = sc.Parallelize(Words, 3).Map(static word => new Pair<string, int>(word, 1));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(rows.SortBy(static row => row).Collect().Select(static row => row.First), Is.EqualTo(Ordinal));
            Assert.That(rows.Top(3).Select(static row => row.First), Is.EqualTo(Ordinal.Reverse().Take(3)));
        }
    }

    private static string[] Sorted<TKey>(Func<string, TKey> key) => [.. Words.OrderBy(key, KeyComparer<TKey>.Default)];
}
