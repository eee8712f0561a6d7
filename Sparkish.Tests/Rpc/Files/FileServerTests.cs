using Sparkish.Rpc;
using Sparkish.Rpc.Bulk;

namespace Sparkish.Tests.Rpc.Files;

internal sealed class FileServerTests
{
    [Test]
    public async Task A_file_an_assembly_and_a_directory_are_served_under_their_URLs()
    {
        using var directory = new TemporaryDirectory();
        await using var server = Envs.New();
        await using var client = Envs.New();
        Directory.CreateDirectory(directory.File("sub dir"));
        var inside = directory.Write("sub dir/ä ?#%.txt", "inside");

        var file = server.FileServer.AddFile(directory.Write("a b.txt", "file"));
        var assembly = server.FileServer.AddAssembly(directory.Write("x.dll", "assembly"));
        var folder = server.FileServer.AddDirectory("/classes/", directory.Path);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(file, Is.EqualTo($"spark://{server.Address}/files/a%20b.txt"));
            Assert.That(assembly, Is.EqualTo($"spark://{server.Address}/assemblies/x.dll"));
            Assert.That(folder, Is.EqualTo($"spark://{server.Address}/classes"));
            Assert.That(Read(client, file), Is.EqualTo("file"));
            Assert.That(Read(client, assembly), Is.EqualTo("assembly"));
            Assert.That(Read(client, $"{folder}/sub%20dir/{Uri.EscapeDataString(Path.GetFileName(inside))}"), Is.EqualTo("inside"));
        }
    }

    [Test]
    public async Task The_same_file_again_is_harmless_and_another_one_of_its_name_is_refused()
    {
        using var directory = new TemporaryDirectory();
        using var other = new TemporaryDirectory();
        await using var server = Envs.New();
        var path = directory.Write("x.txt", "1");

        var first = server.FileServer.AddFile(path);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(server.FileServer.AddFile(path), Is.EqualTo(first));
            Assert.That(() => server.FileServer.AddFile(other.Write("x.txt", "2")), Throws.ArgumentException.With.Message.StartsWith(
                $"File x.txt was already registered with a different path (old path = {path}, new path = {other.File("x.txt")})"));
            Assert.That(() => server.FileServer.AddFile(directory.File("missing")), Throws.ArgumentException.With.Message.Contains("does not exist"));
            Assert.That(() => server.FileServer.AddFile(directory.Path), Throws.ArgumentException.With.Message.Contains("not a regular file"));
        }
    }

    [Test]
    public async Task Names_of_directories_are_one_free_segment()
    {
        using var first = new TemporaryDirectory();
        using var second = new TemporaryDirectory();
        await using var server = Envs.New();
        await using var client = Envs.New();
        first.Write("which", "first");
        second.Write("which", "second");
        server.Bulk.Register("taken", new Nothing());
        var url = server.FileServer.AddDirectory("dir", first.Path);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(server.FileServer.AddDirectoryIfAbsent("/dir", second.Path), Is.EqualTo(url));
            Assert.That(Read(client, $"{url}/which"), Is.EqualTo("first"));
            Assert.That(() => server.FileServer.AddDirectory("/dir", second.Path),
                Throws.ArgumentException.With.Message.Contains("URI '/dir' already registered."));
            Assert.That(() => server.FileServer.AddDirectory("taken", second.Path), Throws.ArgumentException.With.Message.Contains("taken"));
            Assert.That(() => server.FileServer.AddDirectory("/files", second.Path),
                Throws.ArgumentException.With.Message.Contains("Directory cannot be /files nor /assemblies."));
            Assert.That(() => server.FileServer.AddDirectory("assemblies", second.Path), Throws.ArgumentException.With.Message.Contains("Directory cannot be"));
            Assert.That(() => server.FileServer.AddDirectory("/a/b", second.Path), Throws.ArgumentException.With.Message.Contains("one segment"));
            Assert.That(() => server.FileServer.AddDirectory("/", second.Path), Throws.ArgumentException.With.Message.Contains("one segment"));
            Assert.That(() => server.FileServer.AddDirectory("/gone", second.File("gone")), Throws.ArgumentException.With.Message.Contains("does not exist"));
        }
    }

    [Test]
    public async Task What_was_removed_is_served_no_more_and_its_name_is_free()
    {
        using var directory = new TemporaryDirectory();
        await using var server = Envs.New();
        await using var client = Envs.New();
        var url = server.FileServer.AddFile(directory.Write("x.txt", "1"));
        Directory.CreateDirectory(directory.File("new"));

        Assert.That(server.FileServer.RemoveFile("x.txt"), Is.True);
        Assert.That(() => client.OpenFile(url), Throws.InstanceOf<BulkNotFoundException>().With.Message.Contains("/files/x.txt"));
        Assert.That(server.FileServer.RemoveFile("x.txt"), Is.False);

        server.FileServer.AddFile(directory.Write("new/x.txt", "2"));
        Assert.That(Read(client, url), Is.EqualTo("2"));
    }

    [TestCase("../secret")]
    [TestCase("..")]
    [TestCase("sub/../../secret")]
    [TestCase("%2e%2e/secret")]
    [TestCase("%2E%2E%2Fsecret")]
    [TestCase("..%2fsecret")]
    [TestCase("..%5csecret")]
    [TestCase("..\\secret")]
    [TestCase("/etc/passwd")]
    [TestCase("%2Fetc%2Fpasswd")]
    [TestCase("//etc/passwd")]
    [TestCase("C:/secret")]
    [TestCase("C%3A%5Csecret")]
    [TestCase("inside%00.txt")]
    [TestCase("./inside")]
    [TestCase("sub//inside")]
    [TestCase("")]
    [TestCase("link-to-file")]
    [TestCase("link-to-dir/secret")]
    [TestCase("link-to-link")]
    [TestCase("relative-link")]
    [TestCase("loop")]
    public async Task No_path_leads_out_of_a_directory(string path)
    {
        using var directory = Tree();
        await using var server = Envs.New();
        await using var client = Envs.New();
        server.FileServer.AddDirectory("/dir", directory.File("served"));

        Assert.That(() => client.OpenBulk(server.Address, "dir/" + path), Throws.InstanceOf<BulkNotFoundException>());
    }

    [TestCase("inside")]
    [TestCase("sub/inside")]
    [TestCase("%69nside")]
    [TestCase("link-inside")]
    [TestCase("sublink/inside")]
    public async Task Paths_and_links_within_a_directory_are_served(string path)
    {
        using var directory = Tree();
        await using var server = Envs.New();
        await using var client = Envs.New();
        var url = server.FileServer.AddDirectory("/dir", directory.File("served"));

        Assert.That(Read(client, $"{url}/{path}"), Is.EqualTo("inside"));
    }

    [TestCase("files/..%2fsecret")]
    [TestCase("files/%2Fetc%2Fpasswd")]
    [TestCase("files/known?from=-1&tag=x")]
    [TestCase("files/known?from=1")]
    [TestCase("files/known?from=99&tag=x")]
    [TestCase("files/known?anything")]
    [TestCase("assemblies/known")]
    [TestCase("nowhere/known")]
    [TestCase("files")]
    public async Task What_is_not_served_is_one_clear_error(string path)
    {
        using var directory = new TemporaryDirectory();
        await using var server = Envs.New();
        await using var client = Envs.New();
        server.FileServer.AddFile(directory.Write("known", "known"));

        Assert.That(() => client.OpenBulk(server.Address, path), Throws.InstanceOf<BulkNotFoundException>()
            .With.Message.Contains("known").Or.Message.Contains(path.Split('/')[^1]));
    }

    [Test]
    public async Task A_pipe_a_directory_and_a_file_that_has_gone_are_refused_and_not_waited_for()
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("Named pipes are made by mkfifo.");
        using var directory = new TemporaryDirectory();
        await using var server = Envs.New();
        await using var client = Envs.New();
        await Processes.TestProcess.RunAsync("mkfifo", [directory.File("pipe")], Envs.Patience);
        Directory.CreateDirectory(directory.File("sub"));
        var gone = server.FileServer.AddFile(directory.Write("gone", "x"));
        File.Delete(directory.File("gone"));
        var url = server.FileServer.AddDirectory("dir", directory.Path);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => server.FileServer.AddFile("/dev/zero"), Throws.ArgumentException);
            foreach (var path in new[] { $"{url}/pipe", $"{url}/sub", gone })
                Assert.That(() => client.OpenFile(path), Throws.InstanceOf<BulkNotFoundException>().With.Message.Contains("does not exist or is not a regular file"));
        }
    }

    [TestCase("http://host:1/files/x")]
    [TestCase("spark://host:1")]
    [TestCase("spark://host:1/")]
    [TestCase("spark://host:1/files/x?version")]
    [TestCase("spark://host/files/x")]
    [TestCase("spark:///files/x")]
    public async Task What_is_no_URL_of_a_file_is_told(string url)
    {
        await using var client = Envs.New();

        Assert.That(() => client.OpenFile(url), Throws.InstanceOf<SparkException>().With.Message.Contains("Invalid"));
    }

    [Test]
    public async Task An_env_that_nobody_can_dial_serves_no_files()
    {
        using var directory = new TemporaryDirectory();
        await using var env = Envs.New(Envs.Options() with { Listen = false });

        Assert.That(() => env.FileServer.AddFile(directory.Write("x", "x")), Throws.InstanceOf<SparkException>().With.Message.Contains("does not listen"));
    }

    [Test]
    public async Task A_file_that_changes_while_it_is_read_breaks_off()
    {
        using var directory = new TemporaryDirectory();
        await using var server = Envs.New();
        await using var client = Envs.New();
        var path = directory.File("big");
        await File.WriteAllBytesAsync(path, new byte[64 << 20]); // more than sockets buffer
        using var stream = client.OpenFile(server.FileServer.AddFile(path));
        stream.ReadByte();

        using (var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) RandomAccess.Write(file, [1], (64 << 20) - 1);

        Assert.That(() => stream.CopyTo(Stream.Null), Throws.InstanceOf<IOException>());
    }

    private static TemporaryDirectory Tree()
    {
        var directory = new TemporaryDirectory();
        directory.Write("secret", "secret");
        Directory.CreateDirectory(directory.File("served/sub"));
        directory.Write("served/inside", "inside");
        directory.Write("served/sub/inside", "inside");
        File.CreateSymbolicLink(directory.File("served/link-to-file"), directory.File("secret"));
        File.CreateSymbolicLink(directory.File("served/link-to-dir"), directory.Path);
        File.CreateSymbolicLink(directory.File("served/link-to-link"), directory.File("served/link-to-file"));
        File.CreateSymbolicLink(directory.File("served/relative-link"), "../secret");
        File.CreateSymbolicLink(directory.File("served/link-inside"), "sub/inside");
        File.CreateSymbolicLink(directory.File("served/sublink"), directory.File("served/sub"));
        File.CreateSymbolicLink(directory.File("served/loop"), "loop");
        return directory;
    }

    private static string Read(RpcEnv env, string url)
    {
        using var reader = new StreamReader(env.OpenFile(url));
        return reader.ReadToEnd();
    }

    private sealed class Nothing : IBulkSource
    {
        public BulkContent Open(string path) => throw new BulkNotFoundException("nothing");
    }
}
