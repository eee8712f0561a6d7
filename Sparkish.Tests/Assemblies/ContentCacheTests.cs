using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using Sparkish.Assemblies;

namespace Sparkish.Tests.Assemblies;

internal sealed class ContentCacheTests
{
    private static readonly AssetFile Greeting = new("greeting.dll", HashOf("hello"));

    [Test]
    public void A_file_is_fetched_once_and_kept_under_its_own_name()
    {
        using var directory = new TemporaryDirectory();
        var source = new Source();

        var first = Encoding.UTF8.GetString(source.CacheIn(directory.Path).Read(Greeting, "assemblies/greeting"));
        var second = Encoding.UTF8.GetString(source.CacheIn(directory.Path).Read(Greeting, "assemblies/greeting"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That((first, second), Is.EqualTo(("hello", "hello")));
            Assert.That(File.ReadAllText(directory.File($"{Greeting.Hash}/greeting.dll")), Is.EqualTo("hello"));
            Assert.That(source.Asked, Is.EqualTo(new[] { "assemblies/greeting" }));
        }
    }

    [TestCase("")]
    [TestCase("hel")]
    [TestCase("hellO")]
    [TestCase("hello, hello")]
    public void What_was_cut_short_or_changed_is_fetched_anew(string damaged)
    {
        using var directory = new TemporaryDirectory();
        var source = new Source();
        var kept = directory.File($"{Greeting.Hash}/{Greeting.Name}");
        source.CacheIn(directory.Path).Read(Greeting, "x");
        File.WriteAllText(kept, damaged);

        var again = source.CacheIn(directory.Path).Read(Greeting, "x");
        File.WriteAllText(kept, damaged);
        source.CacheIn(directory.Path).Copy(Greeting, "x", directory.File("copy"));

        Assert.That((Encoding.UTF8.GetString(again), File.ReadAllText(directory.File("copy"))), Is.EqualTo(("hello", "hello")));
        Assert.That(source.Asked, Has.Count.EqualTo(3));
    }

    [Test]
    [Platform(Exclude = "Win")]
    [UnsupportedOSPlatform("windows")]
    public void Other_users_have_no_right_to_what_is_kept_even_if_they_had_it_before()
    {
        using var directory = new TemporaryDirectory();
        var place = directory.File($"cache/{Greeting.Hash}");
        Directory.CreateDirectory(place);
        File.WriteAllText(Path.Combine(place, Greeting.Name), "hello");
        foreach (var path in new[] { place, Path.Combine(place, Greeting.Name) }) File.SetUnixFileMode(path, (UnixFileMode)0b111_111_111);
        var source = new Source();
        var kept = Path.Combine(place, Greeting.Name);

        source.CacheIn(directory.File("cache")).Read(Greeting, "x");
        source.CacheIn(directory.File("cache")).Copy(Greeting with { Name = "other.so" }, "b", directory.File("copy"));

        var directories = Directory.GetDirectories(directory.File("cache")).Append(directory.File("cache"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(source.Asked, Is.EqualTo(new[] { "b" }), "what was whole is kept");
            Assert.That(directories.Select(File.GetUnixFileMode), Is.All.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
            foreach (var file in new[] { kept, directory.File("copy") })
                Assert.That(File.GetUnixFileMode(file), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite), file);
        }
    }

    [Test]
    [Platform("Linux")]
    public async Task A_cache_directory_of_another_user_is_refused()
    {
        using var directory = new TemporaryDirectory();
        var theirs = "/usr"; // root's, for other users
        if (Environment.IsPrivilegedProcess)
        {
            Directory.CreateDirectory(theirs = directory.File("theirs"));
            await Processes.TestProcess.RunAsync("chown", ["65534", theirs], TimeSpan.FromMinutes(1));
        }

        Assert.That(() => new Source().CacheIn(theirs).Read(Greeting, "x"), Throws.InstanceOf<SparkException>()
            .With.Message.Contains($"'{theirs}' belongs to another user of this machine").And.Message.Contains("--work-dir"));
    }

    [Test]
    [Platform(Exclude = "Win")]
    public void A_link_is_no_file_that_is_kept()
    {
        using var directory = new TemporaryDirectory();
        var elsewhere = directory.Write("elsewhere", "hello");
        Directory.CreateDirectory(directory.File(Greeting.Hash));
        File.CreateSymbolicLink(directory.File($"{Greeting.Hash}/{Greeting.Name}"), elsewhere);
        var source = new Source();

        source.CacheIn(directory.Path).Read(Greeting, "x");

        Assert.That(source.Asked, Has.Count.EqualTo(1));
        Assert.That(new FileInfo(directory.File($"{Greeting.Hash}/{Greeting.Name}")).LinkTarget, Is.Null);
        Assert.That(File.ReadAllText(elsewhere), Is.EqualTo("hello"));
    }

    [Test]
    public void A_lock_that_another_process_never_frees_is_an_error_that_names_it()
    {
        using var directory = new TemporaryDirectory();
        using var taken = new FileStream(directory.File($".lock-{Greeting.Hash[0]}"), FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        var cache = new ContentCache(directory.Path, (_, _, _) => Assert.Fail("It is not this one's turn."), patience: TimeSpan.Zero);

        Assert.That(() => cache.Read(Greeting, "x"), Throws.InstanceOf<SparkException>()
            .With.Message.Contains($"another process has held the lock '{taken.Name}' for 0 s").And.Message.Contains("--work-dir"));
    }

    [Test]
    public void Of_many_who_want_a_file_at_once_one_fetches_it_and_nobody_sees_a_part_of_it()
    {
        using var directory = new TemporaryDirectory();
        var source = new Source { Text = new string('x', 1 << 20) };
        var file = new AssetFile("big.so", HashOf(source.Text));

        var seen = Enumerable.Range(0, 16).AsParallel().WithDegreeOfParallelism(16)
            .Select(_ => Encoding.UTF8.GetString(source.CacheIn(directory.Path).Read(file, "x"))).ToArray();

        Assert.That(seen, Is.All.EqualTo(source.Text));
        Assert.That(source.Asked, Has.Count.EqualTo(1));
    }

    [Test]
    public void A_source_that_changes_what_it_has_just_written_is_an_error()
    {
        using var directory = new TemporaryDirectory();
        var cache = new Source { Text = "other" }.CacheIn(directory.Path);

        Assert.That(() => cache.Read(Greeting, "x"), Throws.InstanceOf<SparkException>().With.Message.Contains("changed there at once"));
        Assert.That(() => cache.Copy(Greeting, "x", directory.File("copy")), Throws.InstanceOf<SparkException>().With.Message.Contains("changed there at once"));
        Assert.That(File.Exists(directory.File("copy")), Is.False);
    }

    [Test]
    public void What_a_killed_process_left_is_removed_by_the_next()
    {
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory.File(Greeting.Hash));
        directory.Write($"{Greeting.Hash}/greeting.dll.0123.part", "hel");

        new Source().CacheIn(directory.Path).Read(Greeting, "x");

        Assert.That(Directory.GetFiles(directory.File(Greeting.Hash)).Select(Path.GetFileName), Is.EqualTo(new[] { "greeting.dll" }));
    }

    [Test]
    public void A_place_that_takes_no_files_is_an_error_that_says_what_to_do()
    {
        using var directory = new TemporaryDirectory();
        var cache = new Source().CacheIn(directory.Write("taken", "a file, not a directory"));

        Assert.That(() => cache.Read(Greeting, "x"), Throws.InstanceOf<SparkException>()
            .With.Message.Contains("'greeting.dll' of the application cannot be kept in").And.Message.Contains("--work-dir"));
    }

    [Test]
    public void A_full_disk_is_one_error_and_leaves_no_half_file()
    {
        using var directory = new TemporaryDirectory();
        var cache = new Source { Error = new IOException("No space left on device") }.CacheIn(directory.Path);

        Assert.That(() => cache.Read(Greeting, "x"), Throws.InstanceOf<SparkException>()
            .With.Message.Contains("No space left on device").And.Message.Contains("Make room"));
        Assert.That(Directory.GetFiles(directory.Path, "greeting*", SearchOption.AllDirectories), Is.Empty);
    }

    [Test]
    public void An_answer_comes_back_as_it_was_written()
    {
        AssetAnswer[] answers =
        [
            new(AssetStatus.Found, [Greeting, Greeting with { Name = "libä b.so.1" }], ""),
            new(AssetStatus.Absent, [], "There is\nnone."),
            new(AssetStatus.Refused, [], "No."),
        ];

        foreach (var answer in answers)
        {
            var read = AssetAnswer.Parse(answer.ToBytes());
            Assert.That((read.Status, read.Reason), Is.EqualTo((answer.Status, answer.Reason)));
            Assert.That(read.Files, Is.EqualTo(answer.Files));
        }
    }

    [TestCase("../evil.so")]
    [TestCase("/etc/cron.d/evil")]
    [TestCase("a/b.so")]
    [TestCase("a\\b.dll")]
    [TestCase("C:evil.dll")]
    [TestCase("..")]
    [TestCase(".")]
    [TestCase("")]
    [TestCase("evil\0.so")]
    [TestCase("evil\r.so")]
    public void A_name_from_the_wire_never_leads_out_of_the_directory(string name)
    {
        var answer = new AssetAnswer(AssetStatus.Found, [Greeting with { Name = name }], "");

        Assert.That(() => AssetAnswer.Parse(answer.ToBytes()), Throws.InstanceOf<SparkException>().With.Message.Contains("is not a valid answer"));
    }

    [TestCase("")]
    [TestCase("Found\n")]
    [TestCase("Found\nabc greeting.dll\n")]
    [TestCase("Perhaps\n")]
    [TestCase("7\n")]
    [TestCase("Found\n../../../../../../../../../../../../../../../../../../../../etcxx x\n")]
    public void What_is_no_answer_is_an_error(string text) =>
        Assert.That(() => AssetAnswer.Parse(Encoding.UTF8.GetBytes(text)), Throws.InstanceOf<SparkException>());

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private sealed class Source
    {
        private readonly Lock _lock = new();

        public string Text { get; init; } = "hello";

        public IOException? Error { get; init; }

        public List<string> Asked { get; } = [];

        public ContentCache CacheIn(string directory) => new(directory, Fetch);

        private void Fetch(string path, string file, string hash)
        {
            lock (_lock) Asked.Add(path);
            if (Error is not null) throw Error;
            File.WriteAllText(file + ".part", Text);
            File.Move(file + ".part", file, overwrite: true);
        }
    }
}
