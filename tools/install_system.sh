#!/bin/sh
# What the whole test suite wants from the system: Java 17 or newer for Spark, Chromium and a Chinese font for the pages.
# PostgreSQL comes as a wheel.
# Installs what is missing where that is possible (root on Debian or a relative), else says which tests will be left out.
set -eu

java_major() {
  # "17.0.15" -> 17; the old style "1.8.0_402" -> 1, which is too old all the same.
  java -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1
}

missing=''
if ! command -v java >/dev/null || [ "$(java_major)" -lt 17 ]; then
  missing="$missing java"
fi
if ! command -v chromium >/dev/null; then
  missing="$missing chromium"
fi
if ! ls /usr/share/fonts/*/*/*CJK* >/dev/null 2>&1; then
  missing="$missing fonts"
fi
if [ -z "$missing" ]; then
  exit 0
fi

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  for part in $missing; do
    case $part in
      java) echo "No Java 17 or newer: the tests on a Spark cluster will be left out." ;;
      chromium) echo "No chromium: the tests in a browser, of the report and of the web application (tests/journeys), will be left out." ;;
      fonts) echo "No Chinese font: pictures of pages will show boxes in place of Chinese." ;;
    esac
  done
  exit 0
fi

export DEBIAN_FRONTEND=noninteractive
echo "Installing for the tests:$missing"
apt-get -qq update
packages=''
for part in $missing; do
  case $part in
    java)
      # Debian 11 and 12 have 17; later ones have a newer default.
      if apt-cache show openjdk-17-jre-headless >/dev/null 2>&1; then
        packages="$packages openjdk-17-jre-headless"
      else
        packages="$packages default-jre-headless"
      fi
      ;;
    chromium) packages="$packages chromium" ;;
    fonts) packages="$packages fonts-noto-cjk" ;;
  esac
done
# shellcheck disable=SC2086  # a list of names
apt-get -qq install -y --no-install-recommends $packages >/dev/null
