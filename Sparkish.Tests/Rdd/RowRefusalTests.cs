using System.Text.Json;

namespace Sparkish.Tests.Rdd;

/// <summary>Types that cannot be results or rows are refused by the call, with what to do instead.</summary>
public sealed class RowRefusalTests
{
    private sealed record Holder(int Id, Stream Stream);

    [Test]
    public void A_function_that_returns_a_task_is_refused_where_it_is_given()
    {
        using var sc = LocalContext.Start();
        var numbers = sc.Parallelize([1]);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => numbers.Map(static async number => { await Task.Yield(); return number; }), Throws.TypeOf<SparkException>().With.Message.EqualTo(
                "Map(...): the function returns a Task<int>, which executors do not await; wait inside the function, such as with GetAwaiter().GetResult(), "
                    + "and return the result."));
            Assert.That(() => numbers.FlatMap(static number => new[] { Task.FromResult(number) }), Throws.TypeOf<SparkException>()
                .With.Message.StartsWith("FlatMap(...): the function returns a Task<int>"));
            Assert.That(() => numbers.MapPartitions(static part => part.Select(static _ => Task.CompletedTask)), Throws.TypeOf<SparkException>());
            Assert.That(() => numbers.Map(static number => (number, 1)).MapValues(static async value => { await Task.Yield(); return value; }),
                Throws.TypeOf<SparkException>().With.Message.StartsWith("MapValues(...): the function returns a Task<int>"));
        }
    }

    [Test]
    public void A_function_of_FSharp_that_returns_an_async_is_refused_in_the_words_of_FSharp()
    {
        using var sc = LocalContext.Start();

        Assert.That(() => sc.Parallelize([1]).Map(Sparkish.Tests.FSharp.Closures.returnsAsync), Throws.TypeOf<SparkException>().With.Message.EqualTo(
            "Map(...): the function returns an Async<int>, which executors do not await; wait inside the function, with Async.RunSynchronously, and return the result."));
    }

    [Test]
    public void Results_of_a_type_that_cannot_be_sent_are_refused_with_what_to_do()
    {
        using var sc = LocalContext.Start();
        var elements = sc.Parallelize(["{}"]).Map(static text => JsonDocument.Parse(text).RootElement.Clone());

        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => elements.Collect(), Throws.TypeOf<SerializationException>().With.Message.EqualTo(
                "Collect(...): System.Text.Json.JsonElement cannot be sent; send a string, a record or a tuple of the needed values, or register a surrogate."));
            Assert.That(() => elements.Take(1), Throws.TypeOf<SerializationException>().With.Message.StartsWith("Take(...): "));
            Assert.That(() => elements.Map(static element => (element.ValueKind, element)).ReduceByKey(static (first, _) => first),
                Throws.TypeOf<SerializationException>().With.Message.StartsWith("ReduceByKey(...): "));
            Assert.That(() => elements.SortBy(static _ => 1), Throws.TypeOf<SerializationException>().With.Message.StartsWith("SortBy(...): "));
            Assert.That(elements.Map(static element => element.ValueKind).Collect(), Is.EqualTo(new[] { JsonValueKind.Object }));
        }
    }

    [Test]
    public void A_member_that_cannot_be_sent_is_refused_with_its_path_and_what_to_do()
    {
        using var sc = LocalContext.Start();
        var holders = sc.Parallelize([1]).Map(static number => new Holder(number, new MemoryStream()));

        Assert.That(() => holders.Collect(), Throws.TypeOf<SparkException>().With.Message.Contains(
            "[0].Stream: System.IO.MemoryStream cannot be sent; send a string, a record or a tuple of the needed values, or register a surrogate."));
    }

    [Test]
    public void A_chain_that_is_too_long_is_told_with_its_length_and_the_key_that_allows_more()
    {
        using var sc = LocalContext.Start();
        var chained = sc.Parallelize([1]);
        for (var i = 0; i < 3000; i++) chained = chained.Map(static number => number + 1);

        Assert.That(() => chained.Collect(), Throws.TypeOf<SparkException>().With.Message.Contains("The stage chains 3001 transformations: combine steps in one function")
            .And.Message.Contains("spark.serializer.maxDepth"));
    }
}
