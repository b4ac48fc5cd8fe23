namespace Rundlet.Runcs.Tests;

/// <summary>A program for containers that tells of its session keyring: number, name, and label where there is one.</summary>
internal static class KeyringProbe
{
    private const string Source = """
        #include <stdio.h>
        #include <string.h>
        #include <sys/syscall.h>
        #include <unistd.h>
        int main(void) {
            char text[512] = "", label[512] = "";
            long id = syscall(SYS_keyctl, 0, -3, 0); /* KEYCTL_GET_KEYRING_ID of KEY_SPEC_SESSION_KEYRING */
            syscall(SYS_keyctl, 6, id, text, sizeof text - 1); /* KEYCTL_DESCRIBE */
            syscall(SYS_keyctl, 17, id, label, sizeof label - 1); /* KEYCTL_GET_SECURITY */
            printf("%ld %s %s\n", id, strrchr(text, ';') ? strrchr(text, ';') + 1 : "-", label[0] ? label : "-");
            return 0;
        }
        """;

    /// <summary>Builds it into the root file system of a container.</summary>
    public static string Install(TestContainer container)
    {
        if (!File.Exists("/usr/bin/gcc"))
            Assert.Skip("needs gcc to build a probe");
        string program = $"{container.Rootfs}/bin/keyring";
        File.WriteAllText($"{program}.c", Source);
        using BoundedProcess compiler = BoundedProcess.Start($"{container.Folder}/gcc", ["gcc", "-static", "-o", program, $"{program}.c"]);
        compiler.Wait().Good();
        return program;
    }
}
