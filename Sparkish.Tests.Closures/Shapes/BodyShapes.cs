using System.Text;
using System.Text.RegularExpressions;

namespace Sparkish.Tests.Closures;

/// <summary>Lambdas by what stands inside them.</summary>
internal static class BodyShapes
{
    public static IEnumerable<Shape> Make()
    {
        var k = 5;
        var text = "hey";
        int[] numbers = [3, 1, 2];
        var words = new Dictionary<string, int>(StringComparer.Ordinal) { ["one"] = 1, ["two"] = 2 };
        var pattern = new Regex("[0-9]+", RegexOptions.None, TimeSpan.FromSeconds(1));
        yield return new("inside: try, catch and finally", (int x) =>
        {
            var log = new StringBuilder();
            try
            {
                log.Append(numbers[x]);
            }
            catch (IndexOutOfRangeException)
            {
                log.Append("out of range");
            }
            finally
            {
                log.Append(k);
            }

            return log.ToString();
        }, "out of range5");
        yield return new("inside: throws", (int x) => x > k ? x : throw new ArgumentException(text), "ArgumentException: hey");
        yield return new("inside: using", (int x) =>
        {
            using var reader = new StringReader($"{text}{x}");
            return reader.ReadToEnd();
        }, "hey4");
        yield return new("inside: a switch expression", (int x) => x switch { 0 => "none", var n when n < k => $"less than {k}", _ => "more" }, "less than 5");
        yield return new("inside: a type pattern", (int x) => Shapeless(x + k) is (int n, string s) ? s + n : "", "n9");
        yield return new("inside: a list pattern", (int x) => numbers is [var first, .. var rest] ? first + rest.Length + x : 0, "9");
        yield return new("inside: deconstruction", (int x) => { var (a, b) = (x, k); (a, b) = (b, a); return (a * 10) + b; }, "54");
        yield return new("inside: string interpolation", (int x) => $"{text,5}|{x:D3}|{k}", "  hey|004|5");
        yield return new("inside: stackalloc and spans", (int x) => { Span<int> span = stackalloc int[x]; span.Fill(k); return span[^1] + span.Length; }, "9");
        yield return new("inside: a pointer", (int x) => ByPointer(k, x), "9");
        yield return new("inside: unsafe code", Unsafe(k), "9");
        yield return new("inside: collection expressions", (int x) => (int[])[x, .. numbers, k], "[4, 3, 1, 2, 5]");
        yield return new("inside: goto", (int x) =>
        {
            var sum = 0;
        again:
            sum += k;
            if (--x > 0) goto again;
            return sum;
        }, "20");
        yield return new("inside: checked arithmetic", (int x) => checked(int.MaxValue - k + x), "2147483646");
        yield return new("inside: loops with break and continue", (int x) =>
        {
            var sum = 0;
            foreach (var n in numbers)
            {
                if (n == 1) continue;
                for (var i = 0; i < x; i++) if (i > n) break; else sum += n;
            }

            return sum + k;
        }, "23");
        yield return new("inside: a query", (int x) => numbers.Where(n => n < x).OrderBy(n => n).Select(n => n + k), "[6, 7, 8]");
        yield return new("inside: grouping", (int x) => numbers.GroupBy(n => n % 2, n => n + k).Select(group => group.Key + group.Sum()), "[15, 7]");
        yield return new("inside: a dictionary", (int x) => words.TryGetValue("two", out var two) ? two + x : 0, "6");
        yield return new("inside: a regular expression", (int x) => pattern.Replace($"a{x}b", $"<{k}>"), "a<5>b");
        yield return new("inside: null operators", (int x) => { string? none = x > 100 ? text : null; none ??= text; return none?.Length ?? x; }, "3");
        yield return new("inside: ranges and indexes", (int x) => text[..^1] + numbers[^1] + x, "he24");
        yield return new("inside: a lock", (int x) => { lock (numbers) return numbers.Length + x; }, "7");
        yield return new("inside: a local function", (int x) => { int Add(int n) => n + k + x; return Add(1); }, "10");
        yield return new("inside: an iterator",
            (int x) => { IEnumerable<int> Count() { for (var i = 0; i < x; i++) yield return i + k; } return Count(); }, "[5, 6, 7, 8]");
        yield return new("inside: ref locals",
            (int x) => { var copy = numbers.ToArray(); ref var first = ref copy[0]; first += x; return copy[0] + numbers[0]; }, "10");
        yield return new("inside: a tuple comparison", (int x) => (x, k) == (4, 5), "True");
    }

    private static object Shapeless(int n) => (n, "n");

    private static unsafe int ByPointer(int a, int b)
    {
        var pointer = &a;
        return *pointer + b;
    }

    private static Delegate Unsafe(int k)
    {
        unsafe
        {
            return (int x) =>
            {
                delegate*<int, int, int> add = &Add;
                return add(x, k);
            };
        }
    }

    private static int Add(int a, int b) => a + b;
}
