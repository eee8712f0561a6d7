using System.IO.Compression;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Sparkish.Compute;

namespace Sparkish.Tests.Rdd;

[TestFixture("local[2]")]
[TestFixture("local-cluster[2,1,1024]")]
public sealed class RddTests(string master)
{
    private SparkContext _sc = null!;

    [OneTimeSetUp]
    public void Start() => _sc = LocalContext.Start(master);

    [OneTimeTearDown]
    public async Task Stop() => await _sc.DisposeAsync();

    [FsCheck.NUnit.Property(MaxTest = 15)]
    public Property Transformations_do_what_LINQ_does()
    {
        return Prop.ForAll(Gen.Choose(-100, 100).ArrayOf().ToArbitrary(), Gen.Choose(1, 5).ToArbitrary(), (numbers, partitions) =>
        {
            var rdd = _sc.Parallelize(numbers, partitions);
            var actual = rdd.Map(x => x * 3L).Filter(x => x % 2 == 0).FlatMap(x => new[] { x, -x }).MapPartitions(part => part.Select(x => $"<{x}>")).Collect();
            var expected = numbers.Select(x => x * 3L).Where(x => x % 2 == 0).SelectMany(x => new[] { x, -x }).Select(x => $"<{x}>");
            return actual.SequenceEqual(expected, StringComparer.Ordinal) && rdd.Count() == numbers.Length;
        });
    }

    [FsCheck.NUnit.Property(MaxTest = 15)]
    public Property ReduceByKey_does_what_a_dictionary_does()
    {
        var pairs = Gen.Choose(0, 20).Select(key => (Key: $"k{key}", Value: 1)).ArrayOf();
        return Prop.ForAll(pairs.ToArbitrary(), Gen.Choose(1, 5).ToArbitrary(), (input, partitions) =>
        {
            var actual = _sc.Parallelize(input, 3).ReduceByKey((a, b) => a + b, partitions).Collect();
            var expected = input.GroupBy(pair => pair.Key, StringComparer.Ordinal).Select(group => (group.Key, group.Count()));
            return actual.Order().SequenceEqual(expected.Order());
        });
    }

    [FsCheck.NUnit.Property(MaxTest = 10)]
    public Property SortBy_sorts_both_ways()
    {
        return Prop.ForAll(Gen.Choose(-1000, 1000).ArrayOf().ToArbitrary(), Gen.Elements(true, false).ToArbitrary(), (numbers, ascending) =>
        {
            var actual = _sc.Parallelize(numbers, 4).SortBy(x => x, ascending).Collect();
            return actual.SequenceEqual(ascending ? numbers.Order() : numbers.OrderDescending());
        });
    }

    [Test]
    public void Texts_are_sorted_by_code_units_and_tuples_item_by_item()
    {
        var texts = new[] { "b", "B", "a", "_", "é", "aa" };

        var sorted = _sc.Parallelize(texts, 2).SortBy(text => (text.Length, text)).Collect();

        Assert.That(sorted, Is.EqualTo(new[] { "B", "_", "a", "b", "é", "aa" }));
    }

    [Test]
    public void Reduce_take_and_top_look_at_all_partitions()
    {
        var rdd = _sc.Parallelize(Enumerable.Range(1, 100), 7);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(rdd.Reduce((a, b) => a + b), Is.EqualTo(5050));
            Assert.That(rdd.Take(40), Is.EqualTo(Enumerable.Range(1, 40)));
            Assert.That(rdd.Take(1000), Has.Length.EqualTo(100));
            Assert.That(rdd.Top(3), Is.EqualTo(new[] { 100, 99, 98 }));
            Assert.That(rdd.Top(2, Comparer<int>.Create((a, b) => b.CompareTo(a))), Is.EqualTo(new[] { 1, 2 }));
        }
    }

    [Test]
    public void An_empty_collection_has_nothing_to_reduce()
    {
        var empty = _sc.Parallelize(Array.Empty<int>(), 2);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(empty.Count(), Is.Zero);
            Assert.That(() => empty.Reduce((a, b) => a + b), Throws.InvalidOperationException);
        }
    }

    [Test]
    public void Text_files_plain_and_compressed_are_read_by_lines()
    {
        using var directory = new TemporaryDirectory();
        var lines = Enumerable.Range(0, 1000).Select(i => $"line {i}").ToArray();
        directory.Write("plain.txt", string.Join('\n', lines));
        using (var packed = new GZipStream(File.Create(directory.File("packed.gz")), CompressionLevel.Fastest))
            packed.Write(Encoding.UTF8.GetBytes(string.Join("\r\n", lines)));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(_sc.TextFile(directory.File("plain.txt"), 5).Collect(), Is.EqualTo(lines));
            Assert.That(_sc.TextFile(directory.File("packed.gz"), 5).Collect(), Is.EqualTo(lines));
            Assert.That(_sc.TextFile(directory.Path).Count(), Is.EqualTo(2000));
        }
    }

    [Test]
    public void A_number_of_partitions_is_positive()
    {
        var pairs = _sc.Parallelize(new[] { (1, 1) });

        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => pairs.ReduceByKey((a, b) => a + b, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => pairs.SortBy(pair => pair.Item1, partitions: -1), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => _sc.Parallelize(new[] { 1 }, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        }
    }

    [Test]
    public void An_empty_input_has_no_keys()
    {
        using var directory = new TemporaryDirectory();
        var empty = _sc.TextFile(directory.Write("empty.txt", ""));

        Assert.That(empty.Map(line => (Key: line, Value: 1)).ReduceByKey((a, b) => a + b).Collect(), Is.Empty);
    }

    [Test]
    public void Output_appears_at_once_with_a_file_per_partition()
    {
        using var directory = new TemporaryDirectory();
        var output = directory.File("out");

        _sc.Parallelize(new[] { "a", "b", "c" }, 2).SaveAsTextFile(output);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Directory.EnumerateFileSystemEntries(directory.Path), Is.EqualTo(new[] { output }));
            Assert.That(Directory.EnumerateFiles(output).Select(Path.GetFileName)
                .Order(StringComparer.Ordinal), Is.EqualTo(new[] { "_SUCCESS", "part-00000", "part-00001" }));
            Assert.That(_sc.TextFile(output).Collect(), Is.EqualTo(new[] { "a", "b", "c" }));
        }
    }

    [Test]
    public void An_existing_output_is_an_error_and_is_left_alone()
    {
        using var directory = new TemporaryDirectory();
        var kept = directory.Write("kept.txt", "kept");

        Assert.That(() => _sc.Parallelize(new[] { 1 }).SaveAsTextFile(directory.Path),
            Throws.TypeOf<SparkException>().With.Message.EqualTo($"Output directory {directory.Path} already exists: remove it or choose another one."));
        Assert.That(File.ReadAllText(kept), Is.EqualTo("kept"));
    }

    [Test]
    public void A_failed_job_leaves_no_output_behind()
    {
        using var directory = new TemporaryDirectory();

        Assert.That(() => _sc.Parallelize(new[] { 1, 0 }, 2).Map(x => 10 / x).SaveAsTextFile(directory.File("out")), Throws.TypeOf<SparkException>());
        Assert.That(Directory.EnumerateFileSystemEntries(directory.Path), Is.Empty);
    }

    [Test]
    public void A_row_that_is_null_is_not_written_as_an_empty_line()
    {
        using var directory = new TemporaryDirectory();

        Assert.That(() => _sc.Parallelize(new[] { "a", null, "" }, 1).SaveAsTextFile(directory.File("out")), Throws.TypeOf<SparkException>()
            .With.Message.Contains("SaveAsTextFile(...): a row is null"));
        Assert.That(Directory.EnumerateFileSystemEntries(directory.Path), Is.Empty);
    }

    [Test]
    public void Functions_that_fill_one_object_for_each_row_give_what_LINQ_gives()
    {
        using var directory = new TemporaryDirectory();
        var numbers = _sc.Parallelize(Enumerable.Range(1, 2000), 2);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(numbers.MapPartitions(Filled).Map(cell => cell.Value).Reduce((a, b) => a + b), Is.EqualTo(2_001_000));
            Assert.That(numbers.MapPartitions(Filled).Filter(cell => cell.Value % 2 == 0).Count(), Is.EqualTo(1000));
            Assert.That(numbers.MapPartitions(Filled).FlatMap(cell => new[] { cell.Value, -cell.Value }).Reduce((a, b) => a + b), Is.Zero);
            Assert.That(numbers.MapPartitions(Filled).MapPartitions(cells => cells.Select(cell => cell.Value)).Collect(),
                Is.EqualTo(Enumerable.Range(1, 2000)));
            Assert.That(numbers.MapPartitions(Filled).SortBy(cell => -cell.Value).Map(cell => cell.Value).Take(2), Is.EqualTo(new[] { 2000, 1999 }));
        }

        numbers.MapPartitions(Filled).SaveAsTextFile(directory.File("out"));
        Assert.That(_sc.TextFile(directory.File("out")).Collect(), Is.EqualTo(Enumerable.Range(1, 2000).Select(number => $"{number}")));
    }

    [TestCase(typeof(int), true)]
    [TestCase(typeof((string, int?, DateTime)), true)]
    [TestCase(typeof(Tuple<string, int>), true)]
    [TestCase(typeof(FixedRow), true)]
    [TestCase(typeof((int, Cell)), false)]
    [TestCase(typeof(byte[]), false)]
    [TestCase(typeof(List<int>), false)]
    [TestCase(typeof(object), false)]
    [TestCase(typeof(Cell), false)]
    public void Only_rows_that_cannot_change_are_read_ahead(Type row, bool expected) => Assert.That(ReusedRows.AreImpossible(row), Is.EqualTo(expected));

    [Test]
    public void A_users_exception_is_inside_the_jobs_with_its_own_stack()
    {
        var error = Assert.Throws<SparkException>(() => _sc.Parallelize(new[] { 1, 2, 3 }, 3).Map(ThrowOnTwo).Collect());

        using (Assert.EnterMultipleScope())
        {
            Assert.That(error.Message, Does.StartWith("Job aborted due to stage failure: Task 1 in stage "));
            Assert.That(error.InnerException, Is.TypeOf<FormatException>().With.Message.EqualTo("two is not a number I know"));
            Assert.That(error.InnerException!.StackTrace, Does.Contain(nameof(ThrowOnTwo)));
        }
    }

    [Test]
    public void A_shuffle_is_reused_by_later_jobs()
    {
        var counted = _sc.Parallelize(Enumerable.Range(0, 100).Select(i => (Key: i % 10, Value: 1)), 4).ReduceByKey((a, b) => a + b);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(counted.Count(), Is.EqualTo(10));
            Assert.That(counted.Values().Reduce((a, b) => a + b), Is.EqualTo(100));
            Assert.That(counted.MapValues(value => value * 2).Values().Collect(), Is.All.EqualTo(20));
        }
    }

    [Test]
    public void Jobs_of_several_threads_run_side_by_side()
    {
        var sums = new long[8];

        Parallel.For(0, sums.Length, i => sums[i] = _sc.Parallelize(Enumerable.Range(0, 1000).Select(x => (Key: x % 7, Value: (long)x)), 3)
            .ReduceByKey((a, b) => a + b).Values().Reduce((a, b) => a + b) + i);

        Assert.That(sums, Is.EqualTo(Enumerable.Range(0, sums.Length).Select(i => 499_500L + i)));
    }

    private static int ThrowOnTwo(int number) => number == 2 ? throw new FormatException("two is not a number I know") : number;

    private static IEnumerable<Cell> Filled(IEnumerable<int> numbers)
    {
        var cell = new Cell();
        foreach (var number in numbers)
        {
            cell.Value = number;
            yield return cell;
        }
    }

    public sealed class Cell
    {
        public int Value { get; set; }

        public override string ToString() => $"{Value}";
    }

    public sealed record FixedRow(string Name, FixedRow? Next);
}
