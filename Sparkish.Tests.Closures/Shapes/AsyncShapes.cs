using System.Runtime.CompilerServices;

namespace Sparkish.Tests.Closures;

/// <summary>Async lambdas, and lambdas in async methods and iterators.</summary>
internal static class AsyncShapes
{
    public static IEnumerable<Shape> Make()
    {
        var k = 5;
        async Task<int> LocalAsync(int x)
        {
            await Task.Yield();
            return x + k;
        }

        async IAsyncEnumerable<int> StreamAsync(int x, [EnumeratorCancellation] CancellationToken cancellation = default)
        {
            for (var i = 0; i < x; i++)
            {
                await Task.Yield();
                cancellation.ThrowIfCancellationRequested();
                yield return i * k;
            }
        }

        yield return new("an async lambda", async (int x) => { await Task.Yield(); return x + k; }, "9");
        yield return new("an async lambda without variables", async (int x) => { await Task.Yield(); return x + 1; }, "5");
        yield return new("an async local function", LocalAsync, "9");
        yield return new("an async lambda in an async lambda", async (int x) => await Twice(async n => await LocalAsync(n)) + x, "16");
        yield return new("an async lambda with try and finally", async (int x) =>
        {
            try
            {
                await Task.Yield();
                throw new InvalidOperationException("late");
            }
            catch (InvalidOperationException e)
            {
                await Task.Yield();
                return e.Message + x + k;
            }
        }, "late45");
        yield return new("an async iterator", (int x) => StreamAsync(x), "[0, 5, 10, 15]");
        yield return new("an async lambda over an async iterator", async (int x) =>
        {
            var sum = 0;
            await foreach (var n in StreamAsync(x)) sum += n;
            return sum;
        }, "30");
        yield return new("a lambda of an async method", MakeAsync(2).Result, "7");
        foreach (var shape in FromIterator("i")) yield return shape;
        yield return new("a task in parallel", (int x) => Task.WhenAll(LocalAsync(x), LocalAsync(1)), "[9, 6]");
    }

    private static async Task<int> Twice(Func<int, Task<int>> function) => await function(1) + await function(1);

    private static async Task<Delegate> MakeAsync(int a)
    {
        using var connection = new Connection();
        await connection.FlushAsync();
        var b = a - 1;
        Func<long> sibling = () => connection.Length;
        GC.KeepAlive(sibling);
        return (int x) => x + a + b;
    }

    private static IEnumerable<Shape> FromIterator(string prefix)
    {
        using var connection = new Connection();
        Func<long> sibling = () => connection.Length;
        for (var i = 0; i < 2; i++)
        {
            var j = i;
            yield return new($"a lambda of an iterator, {i}", (int x) => prefix + (j + x), $"i{i + 4}");
        }

        GC.KeepAlive(sibling);
    }
}
